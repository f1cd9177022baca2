import HostSystem
import PortlessCore

/// An app that runs, and how it is reached.
struct StartedApp {
    let proxy: ProxyDescription
    /// The first one is the primary name.
    let hostnames: [Hostname]
    let port: Port
    /// What its own process leads.
    let group: ProcessGroup

    var url: String { hostnames.first.map(proxy.url) ?? "" }
}
