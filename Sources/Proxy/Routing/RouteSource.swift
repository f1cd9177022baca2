package import PortlessCore

/// Where an event loop gets its routes from.
package protocol RouteSource: AnyObject {
    /// The routes as they are at this moment.
    ///
    /// Asked for each request, so it must be quick where nothing has changed, and then return the
    /// very same object. Confined to one event loop.
    func current() -> RouteTable
}
