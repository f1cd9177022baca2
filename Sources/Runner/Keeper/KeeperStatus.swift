import HostSystem
package import PortlessCore

/// The status of a keeper's processes, for the server and for its own successor.
package struct KeeperStatus: Hashable, Sendable {
    package var processes: [SupervisedProcess]
    /// The boot of the operating system during which it was written.
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

    /// Nil for JSON of another form.
    init?(json: JSONValue) {
        guard let entries = json["processes"]?.array else { return nil }
        let boot = json["boot"]?.string
        processes = entries.compactMap { SupervisedProcess(json: $0) }.map { process in
            // Older versions wrote the boot once for all processes.
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
