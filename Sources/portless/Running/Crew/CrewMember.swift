import HostSystem
import PortlessCore

/// One app of a crew and how far it has come.
struct CrewMember {
    let plan: AppPlan
    let hostnames: [Hostname]
    let port: Port?
    let url: String?
    var child: ChildProcess?
    var end: ProcessEnd?

    var isRunning: Bool { child != nil && end == nil }
}
