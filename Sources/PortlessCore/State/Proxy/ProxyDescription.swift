package import HostSystem

/// The proxy as commands see it: the running one, or the one that would be started.
package struct ProxyDescription: Hashable, Sendable {
    package var stateDirectory: StateDirectory
    package var isRunning: Bool
    /// Whether the proxy that runs serves this directory's routes, rather than another one's.
    package var isOwn = true
    package var port: Port
    package var usesTLS: Bool
    package var usesCustomCertificate = false
    package var tlds: [TLD]
    package var isLAN = false
    package var lanAddress: String?
    /// The version of the proxy if it is ours; nil for the original's.
    package var version: String?

    /// Where clients find a name: its URL, or host and port of a TCP name.
    package func address(
        of hostname: Hostname,
        _ upstreamProtocol: Route.UpstreamProtocol,
    ) -> String {
        upstreamProtocol == .tcp ? "\(hostname):\(port)" : url(for: hostname)
    }

    /// Those of all names, the app's own first.
    package func addresses(of names: RouteNames) -> [String] {
        names.own.map { url(for: $0, names.path) } + names.labels.map(address(of:))
    }

    package func address(of label: RouteLabel) -> String {
        address(of: label.hostname, label.upstreamProtocol)
    }

    package func address(of entry: RouteEntry) -> String {
        entry.route.map(address(of:)) ?? entry.hostname
    }

    package func address(of route: Route) -> String {
        route.upstreamProtocol == .tcp
            ? address(of: route.hostname, .tcp) : url(for: route)
    }

    package func url(for hostname: Hostname) -> String {
        BareURL(usesTLS: usesTLS, host: hostname.description, port: port).description
    }

    package func url(for hostname: Hostname, _ path: RoutePath?) -> String {
        url(for: hostname) + (path?.prefix ?? "")
    }

    package func url(for route: Route) -> String { url(for: route.hostname, route.path) }

    /// The parts of an explicit request that this proxy doesn't fulfil, each in a few words.
    ///
    /// The state files of a running proxy tell neither wildcards nor the paths of certificates.
    package func differences(from request: ProxyRequest) -> [String] {
        var result: [String] = []
        let wanted = ProxySettings(request, remembersLAN: isLAN)
        if request.isLAN != nil || request.lanAddress != nil, wanted.isLAN != isLAN {
            result.append(wanted.isLAN ? "requested LAN mode" : "requested no LAN mode")
        }
        if let address = request.lanAddress, isLAN, address != lanAddress {
            result.append("requested LAN IP \(address), running with \(lanAddress ?? "none")")
        }
        if request.usesTLS != nil || request.certificateFiles != nil, wanted.usesTLS != usesTLS {
            result.append(wanted.usesTLS ? "requested HTTPS" : "requested plain HTTP")
        }
        // The original's proxy has no other names beside .local.
        let keepsTLDs = !isLAN || version != nil
        if request.tlds != nil, keepsTLDs, wanted.isLAN == isLAN, wanted.tlds != tlds {
            result.append("requested \(list(wanted.tlds)), running with \(list(tlds))")
        }
        return result
    }

    private func list(_ tlds: [TLD]) -> String {
        (tlds.count == 1 ? "TLD " : "TLDs ") + tlds.map { ".\($0)" }.joined(separator: ", ")
    }
}

/// Finds the proxy that serves a state directory, by its files and by asking ports.
///
/// A directory under /tmp, which the original also looks into, is left alone: any local user could
/// plant it.
package struct ProxyDiscovery {
    private let directory: StateDirectory
    private let environment: [String: String]
    private let files: ProxyRequest
    private let probe: (Port) -> Bool
    private let isListening: (Port) -> Bool
    private let isAlive: (ProcessIdentity) -> Bool
    private let isDenied: (Port) -> Bool

    /// `files` is what the project's and the user's files ask for.
    ///
    /// `probe` tells whether a portless proxy answers on a port, `isListening` whether anything
    /// accepts connections there, `isDenied` whether the next proxy isn't allowed to listen there.
    package init(
        directory: StateDirectory,
        environment: [String: String],
        files: ProxyRequest = ProxyRequest(),
        probe: @escaping (Port) -> Bool,
        isListening: @escaping (Port) -> Bool,
        isAlive: @escaping (ProcessIdentity) -> Bool = { $0.isAlive },
        isDenied: @escaping (Port) -> Bool,
    ) {
        self.directory = directory
        self.environment = environment
        self.files = files
        self.probe = probe
        self.isListening = isListening
        self.isAlive = isAlive
        self.isDenied = isDenied
    }

    package func describe() throws -> ProxyDescription {
        let request = try files.overridden(by: ProxyRequest(environment: environment))
        let markers = try directory.proxyMarkers()
        if let port = markers.port, isProxy(port, markers) {
            return description(markers, port: port, isRunning: true)
        }
        // A chosen directory is its own world: a proxy elsewhere serves other routes.
        if environment["PORTLESS_STATE_DIR", default: ""].isEmpty {
            for port in [443, 80, ProxySettings.fallbackPort] + (request.port.map { [$0] } ?? [])
            where port != markers.port {
                guard probe(port) else { continue }
                return description(markers, port: port, isRunning: true)
            }
        } else if markers.port == nil, let wished = request.port, probe(wished) {
            return description(markers, port: wished, isRunning: true)
        }
        return next(request, markers)
    }

    /// The proxy as an app's start would make it.
    private func next(_ request: ProxyRequest, _ markers: ProxyMarkers) -> ProxyDescription {
        let settings = ProxySettings(request.continuing(markers))
        let fallbacks = request.port == nil ? ProxySettings.fallbackPorts : []
        let port = ([settings.port] + fallbacks).first { !isDenied($0) && !isListening($0) }
        var proxy = description(markers, port: port ?? settings.port, isRunning: false)
        proxy.usesTLS = settings.usesTLS
        proxy.tlds = settings.tlds
        proxy.isLAN = settings.isLAN || markers.isLAN
        return proxy
    }

    /// A proxy that is too busy to answer in time still listens.
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
        // The original records no more.
        let hasLANTLD = isRunning && markers.version == nil && markers.tlds.contains(.local)
        return ProxyDescription(
            stateDirectory: directory,
            isRunning: isRunning,
            // The original's proxy is known by its PID alone.
            isOwn: !isRunning || markers.process.map(isAlive) == true,
            port: port,
            usesTLS: markers.usesTLS || (isRunning && port == 443),
            usesCustomCertificate: markers.usesCustomCertificate,
            tlds: markers.tlds,
            isLAN: markers.isLAN || hasLANTLD,
            lanAddress: isRunning ? markers.lanAddress : nil,
            version: markers.version,
        )
    }
}

/// A URL of scheme, host and port, without the scheme's default port.
package struct BareURL: Hashable, Sendable, CustomStringConvertible {
    package var usesTLS: Bool
    package var host: String
    package var port: Port

    package init(usesTLS: Bool, host: String, port: Port) {
        self.usesTLS = usesTLS
        self.host = host
        self.port = port
    }

    package var description: String {
        let isDefault = port == (usesTLS ? 443 : 80)
        return (usesTLS ? "https://" : "http://") + host + (isDefault ? "" : ":\(port)")
    }
}
