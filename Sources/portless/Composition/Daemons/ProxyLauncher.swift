import HostSystem
import PortlessCore
import SystemPackage

/// Starts the proxy as a process of its own that outlives the command.
struct ProxyLauncher {
    enum Outcome {
        case started(ProxyDescription)
        case alreadyRunning(ProxyDescription)
    }

    let context: CommandContext
    /// Sockets for the proxy that somebody with more rights has opened.
    var sockets: ProxySockets?
    /// Whether the caller's caller holds the lock, and waits for this.
    var isLocked = false

    /// Starts what the request asks for, unless a proxy that does so runs.
    func start(_ request: ProxyRequest, mayFallBack: Bool) throws -> Outcome {
        try alone { directory in
            let proxy = try describe()
            if !proxy.isRunning, let port = request.port, port != proxy.port {
                // Somebody else's directory may serve that port.
                if context.isProxy(port) {
                    throw Failure(
                        "A proxy with another state directory runs on port \(port).",
                        remedy: "Stop that one, or choose another port with -p.",
                    )
                }
            }
            guard !proxy.isRunning else {
                try refuseDifferences(proxy, request)
                return .alreadyRunning(proxy)
            }
            return .started(try launch(request, mayFallBack: mayFallBack, directory))
        }
    }

    /// The proxy an app registers with, started if there is none.
    ///
    /// Whatever the environment leaves open is as the last proxy was, if that one was killed.
    func ensureRunning() throws -> Outcome {
        let request = try ProxyRequest(environment: context.environment)
        let proxy = try describe()
        if proxy.isRunning {
            try refuseDifferences(proxy, request)
            return .alreadyRunning(try ProxyRestarter(context: context).upgrade(proxy))
        }
        return try alone { directory in
            let proxy = try describe()
            guard !proxy.isRunning else { return .alreadyRunning(proxy) }
            let continued = try request.continuing(directory.proxyMarkers())
            return .started(try launch(continued, mayFallBack: request.port == nil, directory))
        }
    }

    /// The proxy that runs and goes on: one whose holder was killed answers for another moment.
    private func describe() throws -> ProxyDescription {
        let directory = try context.stateDirectory()
        if let holder = try DaemonKind.proxy.holder(in: directory), !holder.isAlive {
            _ = try DaemonKind.proxy.takeHolderLock(in: directory)
        }
        return try context.describeProxy()
    }

    /// Of many commands that start at once, one starts the proxy and the others find it running.
    private func alone(_ body: (StateDirectory) throws -> Outcome) throws -> Outcome {
        let directory = try context.preparedStateDirectory()
        guard !isLocked else { return try body(directory) }
        return try FileLock.withLock(
            at: directory.path.appending("proxy.lock"),
            owner: directory.owner,
        ) { try body(directory) }
    }

    private func refuseDifferences(_ proxy: ProxyDescription, _ request: ProxyRequest) throws {
        let differences = proxy.differences(from: request)
        guard !differences.isEmpty else { return }
        throw Failure(
            "Proxy is already running on port \(proxy.port) with a different config.",
            remedy: differences.map { "  - \($0)\n" }.joined()
                + "To change it: portless proxy stop && portless proxy start",
        )
    }

    private func launch(
        _ request: ProxyRequest,
        mayFallBack: Bool,
        _ directory: StateDirectory,
    ) throws -> ProxyDescription {
        let settings = ProxySettings(request)
        let arguments = Self.arguments(settings, mayFallBack: mayFallBack)
        let elevation = Elevation(context: context)
        if sockets == nil, elevation.isUseful(for: settings.port) {
            context.console.say("Port \(settings.port) takes an administrator, this once.")
            let start = ["proxy", "start", "--alone"] + arguments
            if try elevation.run(start, directory: directory) {
                return try context.describeProxy()
            }
        }
        try DaemonStart(kind: .proxy, arguments: arguments, sockets: sockets?.all ?? [])
            .run(context, directory)
        return try context.describeProxy()
    }

    /// The flags that say all of it, so that the proxy need not ask its environment.
    static func arguments(_ settings: ProxySettings, mayFallBack: Bool) -> [String] {
        var arguments = ["--port", settings.port.description]
        if mayFallBack { arguments.append("--may-fall-back") }
        if let files = settings.certificateFiles {
            arguments += ["--cert", files.certificate.string, "--key", files.key.string]
        } else {
            arguments.append(settings.usesTLS ? "--https" : "--no-tls")
        }
        for tld in settings.tlds { arguments += ["--tld", tld.description] }
        if settings.usesWildcards { arguments.append("--wildcard") }
        return arguments
    }
}
