import PortlessCore
import SystemPackage

/// One app, or one program without a name, that is to run in the terminal.
struct AppPlan: Equatable, Sendable {
    /// What its lines and messages begin with.
    var label: String
    /// Nil for a program that serves nothing, such as a compiler that watches its sources.
    var name: AppName?
    var directory: FilePath
    var command: [String]
    var fixedPort: Port?
    /// The name without the worktree's prefix, in a linked worktree.
    var baseName: AppName?
    /// The labels that the project's configuration wants ports for.
    var ports: [ConfiguredPort] = []
    /// The package's folder, relative to the workspace's root.
    var package = ""
    /// Whether it is told a `PORT` even if it has no name.
    var wantsPort = false
}

extension AppPlan {
    /// An app that runs alone.
    init(alone naming: AppNaming, command: [String], in directory: FilePath) {
        label = naming.name.description
        name = naming.name
        baseName = naming.baseName
        self.directory = directory
        self.command = command
    }
}

/// Refuses packages that would share a name or a port, before anything is started.
///
/// They have the same owner, so the routes themselves would take the last one for an update.
enum PlanConflict {
    static func refuse(_ plans: [AppPlan]) throws(Failure) {
        let named = plans.filter { $0.name != nil }
        for (index, plan) in named.enumerated() {
            for other in named[..<index] {
                if let name = plan.name, name == other.name {
                    throw Failure(
                        "\(text(of: other)) and \(text(of: plan)) would both be called \(name).",
                        remedy: remedy("\"name\""),
                    )
                }
                if let port = fixedPorts(of: plan).first(where: fixedPorts(of: other).contains) {
                    throw Failure(
                        "\(text(of: other)) and \(text(of: plan)) both want port \(port).",
                        remedy: remedy("\"appPort\" or \"ports\""),
                    )
                }
            }
        }
    }

    private static func fixedPorts(of plan: AppPlan) -> [Port] {
        (plan.fixedPort.map { [$0] } ?? []) + plan.ports.compactMap(\.port)
    }

    private static func text(of plan: AppPlan) -> String {
        plan.package.isEmpty || plan.package == plan.label
            ? plan.label : "\(plan.label) (\(plan.package))"
    }

    private static func remedy(_ keys: String) -> String {
        """
        Give one of them another \(keys), in portless.json or under "portless" in its package.json.
        """
    }
}
