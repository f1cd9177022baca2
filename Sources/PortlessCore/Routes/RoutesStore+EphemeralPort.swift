import HostSystem

extension RoutesStore {
    /// Registers all names with a port of their own, the same one as last time if it is free.
    ///
    /// `isFree` tells whether a port can be listened on, on both loopback families.
    package func registerOnEphemeralPort(
        _ hostnames: [Hostname],
        owner: Route.Owner,
        upstreamProtocol: Route.UpstreamProtocol = .http1,
        labels: [RouteLabel] = [],
        force: Bool = false,
        isFree: (Port) throws -> Bool,
    ) throws -> RouteRegistration {
        guard let primary = hostnames.first else { throw NameError.empty }
        return try register(
            hostnames,
            owner: owner,
            upstreamProtocol: upstreamProtocol,
            labels: labels,
            force: force,
        ) { taken in
            var memory = PortMemory(reading: directory)
            var generator = SystemRandomNumberGenerator()
            let port = try EphemeralPortPicker().pick(
                preferring: memory[primary],
                taken: taken,
                remembered: memory.ports(except: primary),
                isFree: isFree,
                using: &generator,
            )
            if memory[primary] != port {
                memory.remember(port, for: primary)
                try memory.save(to: directory)
            }
            return port
        }
    }
}
