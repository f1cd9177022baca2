package import HostSystem

/// What our own proxy tells of itself beside the files that the original knows as well.
///
/// Its presence also shows that the proxy isn't the original, whose watcher goes blind when
/// `routes.json` is replaced rather than overwritten.
package struct ProxyRecord: Hashable, Sendable {
    package let version: String
    package let process: ProcessIdentity

    package init(version: String, process: ProcessIdentity) {
        self.version = version
        self.process = process
    }

    init?(_ value: JSONValue) {
        guard let version = value["version"]?.string,
            let process = value.object.flatMap(ProcessIdentity.init(entry:))
        else { return nil }
        self.init(version: version, process: process)
    }

    var json: JSONValue {
        var object: JSONObject = ["version": .string(version)]
        process.write(to: &object)
        return .object(object)
    }
}
