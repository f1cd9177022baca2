import SystemPackage

extension ProcessDetails {
    /// The environment that a process was started with; nil if it isn't there or not ours to see.
    ///
    /// macOS shows it to nobody, so there it is always nil.
    package static func environment(of pid: Int32) -> [String: String]? {
        #if canImport(Darwin)
        return nil
        #else
        guard
            let bytes = try? AtomicFile.read(
                FilePath("/proc/\(pid)/environ"),
                limit: FileLimit.kernel,
            )
        else { return nil }
        var environment: [String: String] = [:]
        for entry in bytes.split(separator: 0) {
            let parts = entry.split(separator: UInt8(ascii: "="), maxSplits: 1)
            guard let name = parts.first else { continue }
            environment[String(decoding: name, as: UTF8.self)] = String(
                decoding: parts.dropFirst().first ?? [],
                as: UTF8.self,
            )
        }
        return environment
        #endif
    }
}
