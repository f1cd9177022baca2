import HostSystem
import PortlessCore
import Runner
import SystemPackage

/// Starts the proxy as a process of its own that outlives the command.
struct ProxyLauncher {
    enum Outcome {
        case started(ProxyDescription)
        case alreadyRunning(ProxyDescription)
    }

    private static let patience = Duration.seconds(20)
    private static let pause = Duration.milliseconds(10)
    private static let errorMark = "Error: "

    let context: CommandContext
    /// Sockets for the proxy that somebody with more rights has opened.
    var sockets: ProxySockets?
    /// Whether the caller's caller holds the lock, and waits for this.
    var isLocked = false

    /// Starts what the request asks for, unless a proxy that does so runs.
    func start(_ request: ProxyRequest, mayFallBack: Bool) throws -> Outcome {
        try alone { directory in
            let proxy = try context.describeProxy()
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
        let proxy = try context.describeProxy()
        if proxy.isRunning {
            try refuseDifferences(proxy, request)
            return .alreadyRunning(try ProxyRestarter(context: context).upgrade(proxy))
        }
        return try alone { directory in
            let proxy = try context.describeProxy()
            guard !proxy.isRunning else { return .alreadyRunning(proxy) }
            let continued = try request.continuing(directory.proxyMarkers())
            return .started(try launch(continued, mayFallBack: request.port == nil, directory))
        }
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
        var daemon = Daemon(
            executable: context.executable,
            arguments: ["proxy", "start", "--foreground", "--detached"] + arguments,
            environment: context.environment.merging([
                "PORTLESS_STATE_DIR": directory.path.string, "NO_COLOR": "1",
            ]) { $1 },
            log: directory.proxyLog,
        )
        daemon.name = "portless"
        daemon.workingDirectory = "/"
        daemon.logOwner = directory.owner
        daemon.passedDescriptors = sockets?.all ?? []
        daemon.passesListeners = !daemon.passedDescriptors.isEmpty
        let start = try FileStatus.of(directory.proxyLog)?.size ?? 0
        let child = try daemon.spawn()
        let end = ContinuousClock.now + Self.patience
        while ContinuousClock.now < end {
            if case .ended = try child.change() {
                try child.reap()
                throw failure(directory, from: start)
            }
            if try directory.proxyMarkers().pid == child.pid {
                let proxy = try context.describeProxy()
                if proxy.isRunning { return proxy }
            }
            SystemClock.sleep(for: Self.pause)
        }
        throw failure(directory, from: start)
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

    /// The daemon's own last words, which it can only leave in its log.
    private func failure(_ directory: StateDirectory, from start: Int64) -> Failure {
        let log = (try? AtomicFile.read(directory.proxyLog)) ?? []
        let words = String(decoding: log.dropFirst(Int(start)), as: UTF8.self)
        let lines = words.split(separator: "\n").drop { !$0.hasPrefix(Self.errorMark) }
        if let sentence = lines.first {
            let remedy = lines.dropFirst().joined(separator: "\n")
            return Failure(
                String(sentence.dropFirst(Self.errorMark.count)),
                remedy: remedy.isEmpty ? nil : remedy,
            )
        }
        return Failure(
            "The proxy didn't start within \(Self.patience.components.seconds) seconds.",
            remedy: "See \(directory.proxyLog), or try: portless proxy start --foreground",
        )
    }
}
