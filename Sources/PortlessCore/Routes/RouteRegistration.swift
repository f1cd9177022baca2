package import HostSystem

/// What came of registering names.
package struct RouteRegistration: Hashable, Sendable {
    package let port: Port
    /// The processes that had some of the names and were made to give way: the caller ends them.
    package let displaced: [ProcessIdentity]
}
