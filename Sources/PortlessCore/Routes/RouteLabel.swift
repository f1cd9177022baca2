/// A name for one labeled port of an app, beside the app's own.
package struct RouteLabel: Hashable, Sendable {
    package var label: String
    package var hostname: Hostname
    package var port: Port

    package init(label: String, hostname: Hostname, port: Port) {
        self.label = label
        self.hostname = hostname
        self.port = port
    }
}
