package import HostSystem

/// What came of registering names.
package struct RouteRegistration: Hashable, Sendable {
    package let port: Port
    /// The processes that had some of the names and were made to give way: the caller ends them.
    package let displaced: [ProcessIdentity]
    /// Names of labels that other apps have.
    package let missing: [Hostname]

    init(port: Port, displaced: [ProcessIdentity], missing: [Hostname] = []) {
        self.port = port
        self.displaced = displaced
        self.missing = missing
    }
}
