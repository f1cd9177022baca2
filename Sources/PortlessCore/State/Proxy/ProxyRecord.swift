package import HostSystem

/// What our own proxy tells of itself beside the files that the original knows as well.
///
/// Its presence also shows that the proxy isn't the original, whose watcher goes blind when
/// `routes.json` is replaced rather than overwritten.
package struct ProxyRecord: Hashable, Sendable {
    package let version: String
    /// The holder, which ends the proxy with itself.
    package let process: ProcessIdentity
    /// The PID of the proxy under it, for people and for measurements.
    package let daemon: Int32?

    package init(version: String, process: ProcessIdentity, daemon: Int32? = nil) {
        self.version = version
        self.process = process
        self.daemon = daemon
    }

    init?(_ value: JSONValue) {
        guard let version = value["version"]?.string,
            let process = value.object.flatMap(ProcessIdentity.init(entry:))
        else { return nil }
        self.init(
            version: version,
            process: process,
            daemon: value["daemon"]?.integer(as: Int32.self),
        )
    }

    var json: JSONValue {
        var object: JSONObject = ["version": .string(version)]
        process.write(to: &object)
        object["daemon"] = daemon.map(JSONValue.integer)
        return .object(object)
    }
}
