package import HostSystem

/// The fields of a process in JSON: `pid`, which the original knows, and ours.
extension ProcessIdentity {
    private static let startTimeKey = "startTime"
    private static let namespaceKey = "pidNamespace"
    private static let bootKey = "boot"

    package init?(entry: JSONObject) {
        // To the system, what isn't positive means groups of processes, or all of them.
        guard let pid = entry["pid"]?.integer(as: Int32.self), pid > 0 else { return nil }
        self.init(
            pid: pid,
            startTime: entry[Self.startTimeKey]?.integer(as: UInt64.self),
            namespace: entry[Self.namespaceKey]?.integer(as: UInt64.self),
            boot: entry[Self.bootKey]?.string,
        )
    }

    package func write(to entry: inout JSONObject) {
        entry["pid"] = .integer(pid)
        entry[Self.startTimeKey] = startTime.map(JSONValue.integer)
        entry[Self.namespaceKey] = namespace.map(JSONValue.integer)
        entry[Self.bootKey] = boot.map(JSONValue.string)
    }
}

extension ProcessIdentity {
    /// Whether both can be the same process; fields that one doesn't record are ignored.
    package func isCompatible(with other: ProcessIdentity) -> Bool {
        func agree<Value: Equatable>(_ one: Value?, _ two: Value?) -> Bool {
            one == nil || two == nil || one == two
        }
        return pid == other.pid && agree(startTime, other.startTime)
            && agree(namespace, other.namespace) && agree(boot, other.boot)
    }
}
