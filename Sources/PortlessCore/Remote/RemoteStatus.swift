package import HostSystem
package import SystemPackage

/// How the mirror of another machine is doing, as it writes it into `remotes/<name>.json`.
package struct RemoteStatus: Hashable, Sendable {
    package enum State: String, Hashable, Sendable {
        case connecting
        case connected
        /// The connection is lost, and is tried again after a pause.
        case waiting
        /// It has given up: only the user can go on.
        case failed
    }

    package var host: RemoteHost
    package var state: State
    /// The process that mirrors.
    package var process: ProcessIdentity
    /// Why it isn't connected, or what is wrong although it is.
    package var reason: String?
    /// What the user can do about it.
    package var remedy: String?
    package var names: [MirroredName] = []
    /// The names that other apps have on this machine.
    package var taken: [Hostname] = []

    package init(host: RemoteHost, state: State, process: ProcessIdentity) {
        self.host = host
        self.state = state
        self.process = process
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "name": .string(host.name), "destination": .string(host.destination),
            "state": .string(state.rawValue),
        ]
        process.write(to: &object)
        object["reason"] = reason.map(JSONValue.string)
        object["remedy"] = remedy.map(JSONValue.string)
        object["names"] = .array(
            names.map { name in
                .object([
                    "hostname": .string(name.hostname.description),
                    "remote": .string(name.remote.description),
                ])
            }
        )
        object["taken"] = .array(taken.map { .string($0.description) })
        return .object(object)
    }

    init?(_ json: JSONValue) {
        guard let object = json.object, let process = ProcessIdentity(entry: object),
            let state = object["state"]?.string.flatMap(State.init),
            let destination = object["destination"]?.string, let name = object["name"]?.string,
            let host = try? RemoteHost(parsing: destination, as: name)
        else { return nil }
        self.init(host: host, state: state, process: process)
        reason = object["reason"]?.string
        remedy = object["remedy"]?.string
        names = (object["names"]?.array ?? []).compactMap { name in
            guard let hostname = name["hostname"]?.string.flatMap({ Hostname($0) }),
                let remote = name["remote"]?.string.flatMap({ Hostname($0) })
            else { return nil }
            return MirroredName(hostname: hostname, remote: remote)
        }
        taken = (object["taken"]?.array ?? []).compactMap { $0.string.flatMap { Hostname($0) } }
    }
}

/// The files of the mirrors.
package struct RemoteFolder: Sendable {
    private static let suffix = ".json"

    package let directory: StateDirectory

    package init(in directory: StateDirectory) {
        self.directory = directory
    }

    package var path: FilePath { directory[.remotes] }

    /// The socket of a connection, relative to the folder: its whole path may be too long for one.
    package func socketName(of name: String) -> String { "\(name).ssh" }

    package func create() throws {
        _ = try FileSystem.makeDirectory(path, mode: .ownerReadWriteExecute)
    }

    /// All mirrors that have a file, by name; without those whose process was killed.
    package func statuses() -> [RemoteStatus] {
        DirectoryListing.names(path).sorted()
            .filter { $0.hasSuffix(Self.suffix) }
            .compactMap { status(of: String($0.dropLast(Self.suffix.count))) }
    }

    package func status(of name: String) -> RemoteStatus? {
        guard let text = try? directory.text(of: file(of: name)),
            let json = try? JSONValue(parsing: text.utf8), let status = RemoteStatus(json),
            status.host.name == name
        else { return nil }
        return status
    }

    package func write(_ status: RemoteStatus) throws {
        try directory.write(status.json.formatted + "\n", to: file(of: status.host.name))
    }

    package func remove(_ name: String) throws {
        try FileSystem.removeFile(file(of: name))
    }

    private func file(of name: String) -> FilePath { path.appending(name + Self.suffix) }
}
