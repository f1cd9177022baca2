import PortlessCore

/// An app that runs, and how it is reached.
struct StartedApp {
    let proxy: ProxyDescription
    /// The first one is the primary name.
    let hostnames: [Hostname]
    let port: Port
    /// The app's own process, which leads its group.
    let processID: Int32

    var url: String { hostnames.first.map(proxy.url) ?? "" }
}
