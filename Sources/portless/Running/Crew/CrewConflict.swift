import PortlessCore

/// Refuses packages that would share a name or a port, before anything is started.
///
/// They have the same owner, so the routes themselves would take the last one for an update.
enum CrewConflict {
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
