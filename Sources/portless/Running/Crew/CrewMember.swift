import HostSystem
import PortlessCore

/// One app of a crew and how far it has come.
struct CrewMember {
    let plan: AppPlan
    /// The app's own names.
    let hostnames: [Hostname]
    let port: Port?
    let url: String?
    /// What a program without a name is told as its `PORT`.
    var spare: Port?
    var ports: AppPorts?
    /// The names of its labels.
    var labels: [RouteLabel] = []
    var child: ChildProcess?
    var end: ProcessEnd?

    var allHostnames: [Hostname] { hostnames + labels.map(\.hostname) }

    var isRunning: Bool { child != nil && end == nil }
}
