import HostSystem
package import PortlessCore

/// What a keeper tells of its processes, to the server and to its own successor.
package struct KeeperStatus: Hashable, Sendable {
    package var processes: [SupervisedProcess]
    /// The run of the operating system in which it was written.
    package var boot: String?

    init(processes: [SupervisedProcess], boot: String?) {
        self.processes = processes
        self.boot = boot
    }

    var json: JSONValue {
        var object: JSONObject = ["processes": .array(processes.map(\.json))]
        object["boot"] = boot.map { .string($0) }
        return .object(object)
    }

    /// Nil for what `json` didn't write.
    init?(json: JSONValue) {
        guard let entries = json["processes"]?.array else { return nil }
        let boot = json["boot"]?.string
        processes = entries.compactMap { SupervisedProcess(json: $0) }.map { process in
            // Older versions wrote it down once for all of them.
            guard let old = process.identity, old.boot == nil else { return process }
            var process = process
            process.identity = ProcessIdentity(
                pid: old.pid,
                startTime: old.startTime,
                namespace: old.namespace,
                boot: boot,
            )
            return process
        }
        guard processes.count == entries.count else { return nil }
        self.boot = boot
    }
}
