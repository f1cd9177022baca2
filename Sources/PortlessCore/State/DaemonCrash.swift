package import SystemPackage

/// How the proxy or the server died last, as its holder recorded it.
package struct DaemonCrash: Hashable, Sendable {
    /// As it stands in a sentence after "by": `SIGSEGV`, or `exit code 1`.
    package var cause: String
    /// RFC 3339.
    package var time: String
    package var version: String
    /// Whether the holder gave up because it had died too often within a minute.
    package var isGivenUp: Bool

    package init(cause: String, time: String, version: String, isGivenUp: Bool) {
        self.cause = cause
        self.time = time
        self.version = version
        self.isGivenUp = isGivenUp
    }

    /// Nil if there is no such file or no crash in it.
    package static func read(from file: FilePath, in directory: StateDirectory) -> DaemonCrash? {
        guard let text = try? directory.text(of: file),
            let json = try? JSONValue(parsing: text.utf8), let cause = json["cause"]?.string,
            let time = json["time"]?.string
        else { return nil }
        return DaemonCrash(
            cause: cause,
            time: time,
            version: json["version"]?.string ?? "",
            isGivenUp: json["givenUp"]?.bool ?? false,
        )
    }

    package func write(to file: FilePath, in directory: StateDirectory) throws {
        let json = JSONValue.object([
            "cause": .string(cause), "time": .string(time), "version": .string(version),
            "givenUp": .bool(isGivenUp),
        ])
        try directory.write(json.formatted + "\n", to: file)
    }
}
