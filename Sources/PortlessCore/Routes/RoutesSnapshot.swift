/// The routes at one moment; as long as they don't change it is the very same object.
package final class RoutesSnapshot: Sendable {
    package let routes: [Route]

    package init(routes: [Route]) {
        self.routes = routes
    }
}
