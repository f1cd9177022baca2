/// Gathers what is claimed: leases, what registered apps declare, and routes.
package enum PortClaims {
    /// Each app, label and port once; a route gives its name to the claim that has its port.
    ///
    /// `hasEnded` tells the routes whose process is gone, and with it what should listen.
    package static func all(
        leases: [PortLease],
        apps: [RegisteredApp],
        routes: [Route],
        hasEnded: (Route) -> Bool,
    ) -> [PortClaim] {
        var claims = leases.flatMap { lease in
            lease.ports.map { leased in
                PortClaim(
                    app: lease.app.description,
                    label: leased.label,
                    port: leased.port,
                    origin: .leased,
                    description: leased.description,
                )
            }
        }
        for app in apps {
            for process in app.processes {
                for labeled in process.ports {
                    let isKnown = claims.contains { $0.app == app.name && $0.port == labeled.port }
                    guard !isKnown else { continue }
                    claims.append(
                        PortClaim(
                            app: app.name,
                            label: labeled.label,
                            port: labeled.port,
                            origin: .declared,
                            provenance: process.name,
                        )
                    )
                }
            }
        }
        for route in routes { add(route, to: &claims, hasEnded: hasEnded(route)) }
        return claims
    }

    private static func add(_ route: Route, to claims: inout [PortClaim], hasEnded: Bool) {
        if let index = claims.firstIndex(where: { $0.port == route.port }) {
            claims[index].name = claims[index].name ?? route.hostname
            if hasEnded { claims[index].isExpectedToListen = true }
            return
        }
        claims.append(
            PortClaim(
                app: route.hostname.parent.map { _ in String(route.hostname.labels[0]) }
                    ?? route.hostname.description,
                label: "app",
                port: route.port,
                origin: route.owner == .alias ? .alias : .ephemeral,
                name: route.hostname,
                isExpectedToListen: hasEnded,
            )
        )
    }
}
