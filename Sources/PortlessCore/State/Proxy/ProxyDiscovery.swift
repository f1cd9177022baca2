package import HostSystem

/// Finds the proxy that serves a state directory, by its files and by asking ports.
///
/// A directory under /tmp, which the original also looks into, is left alone: any local user could
/// plant it.
package struct ProxyDiscovery {
    private let directory: StateDirectory
    private let environment: [String: String]
    private let probe: (Port) -> Bool
    private let isListening: (Port) -> Bool
    private let isAlive: (ProcessIdentity) -> Bool

    /// `probe` tells whether a portless proxy answers on a port, `isListening` whether anything
    /// accepts connections there.
    package init(
        directory: StateDirectory,
        environment: [String: String],
        probe: @escaping (Port) -> Bool,
        isListening: @escaping (Port) -> Bool,
        isAlive: @escaping (ProcessIdentity) -> Bool = { $0.isAlive },
    ) {
        self.directory = directory
        self.environment = environment
        self.probe = probe
        self.isListening = isListening
        self.isAlive = isAlive
    }

    package func describe() throws -> ProxyDescription {
        let markers = try directory.proxyMarkers()
        if let port = markers.port, isProxy(port, markers) {
            return description(markers, port: port, isRunning: true)
        }
        let wished = environment["PORTLESS_PORT"].flatMap { Port($0.trimmingBlanks) }
        // A chosen directory is its own world: a proxy elsewhere serves other routes.
        if environment["PORTLESS_STATE_DIR", default: ""].isEmpty {
            for port in [443, 80, ProxySettings.fallbackPort] + (wished.map { [$0] } ?? [])
            where port != markers.port {
                guard probe(port) else { continue }
                return description(markers, port: port, isRunning: true)
            }
        } else if markers.port == nil, let wished, probe(wished) {
            return description(markers, port: wished, isRunning: true)
        }
        return description(
            markers,
            port: markers.port ?? wished ?? ProxySettings.fallbackPort,
            isRunning: false,
        )
    }

    /// A proxy that is too busy to answer in time still listens, and its process is alive.
    private func isProxy(_ port: Port, _ markers: ProxyMarkers) -> Bool {
        if probe(port) { return true }
        guard let process = markers.process, isAlive(process) else { return false }
        return isListening(port)
    }

    private func description(
        _ markers: ProxyMarkers,
        port: Port,
        isRunning: Bool,
    ) -> ProxyDescription {
        let hasLANTLD = isRunning && markers.tlds.contains(.local)
        return ProxyDescription(
            stateDirectory: directory,
            isRunning: isRunning,
            port: port,
            usesTLS: markers.usesTLS || (isRunning && port == 443),
            usesCustomCertificate: markers.usesCustomCertificate,
            tlds: markers.tlds,
            isLAN: markers.lanAddress != nil || hasLANTLD,
            lanAddress: isRunning ? markers.lanAddress : nil,
            version: markers.version,
        )
    }
}
