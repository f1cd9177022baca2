import HostSystem
import Machine
import PortlessCore
import Runner
import SystemPackage

/// The proxy of a state directory: started as a process of its own, replaced, and stopped.
struct ProxyControl {
    enum Start {
        case started(ProxyDescription)
        case alreadyRunning(ProxyDescription)
    }

    private let context: CommandContext
    /// Sockets for the proxy that a process with more rights has opened.
    var sockets: ProxySockets?
    /// Whether the caller's caller holds the lock, and waits for this.
    var isLocked = false

    init(_ context: CommandContext) {
        self.context = context
    }

    /// Starts what the request asks for, unless a proxy that does so runs.
    func start(_ request: ProxyRequest, mayFallBack: Bool) throws -> Start {
        try alone { directory in
            try endLost(of: directory)
            if let proxy = try running(request) { return .alreadyRunning(proxy) }
            let settings = ProxySettings(request)
            return .started(try launch(settings, mayFallBack: mayFallBack, directory))
        }
    }

    /// The proxy of this directory, if it runs as the request asks; one with other settings, or of
    /// another directory on the request's port, is an error.
    func running(_ request: ProxyRequest) throws -> ProxyDescription? {
        let proxy = try describe()
        if proxy.isRunning, proxy.isOwn {
            try refuseDifferences(proxy, request)
            return proxy
        }
        let isElsewhere = { port in port == proxy.port && proxy.isRunning || context.isProxy(port) }
        guard let port = request.port ?? (proxy.isRunning ? proxy.port : nil), isElsewhere(port)
        else { return nil }
        throw Self.foreign(port, remedy: "Stop that one, or choose another port with -p.")
    }

    private static func foreign(_ port: Port, remedy: String) -> Failure {
        Failure("A proxy with another state directory runs on port \(port).", remedy: remedy)
    }

    /// Ends a proxy whose state directory was deleted while it ran, so that another can be started.
    private func endLost(of directory: StateDirectory) throws {
        guard let lost = try lostProxy(of: directory) else { return }
        context.console.say(
            "-- The files of the proxy on port \(lost.port) are gone; it is started again."
        )
        try DaemonStop(kind: .proxy, directory: directory, processes: context.processes)
            .end(lost.holder)
    }

    private func lostProxy(of directory: StateDirectory) throws -> LostProxy? {
        guard try directory.proxyMarkers().process == nil,
            let lost = context.lostProxy(directory), context.isProxy(lost.port)
        else { return nil }
        return lost
    }

    /// The proxy that apps register with, which the user is told of; started if there is none.
    ///
    /// Whatever the environment leaves open is as the last proxy was, if that one was killed.
    func ensureRunning() throws -> ProxyDescription {
        switch try runningOrStarted() {
        case .alreadyRunning(let proxy):
            context.console.say(styled: context.console.style.dim("-- Proxy is running"))
            return proxy
        case .started(let proxy):
            let name = proxy.usesTLS ? "HTTPS/2" : "HTTP"
            context.console.say("-- \(name) proxy started on port \(proxy.port)")
            let wanted = ProxySettings(try context.proxyRequest()).port
            if let advice = FallbackAdvice.line(wanted: wanted, actual: proxy.port) {
                context.console.say("-- \(advice)")
            }
            if let advice = trustAdvice(proxy) { context.console.say("-- \(advice)") }
            LANMode.announce(proxy, on: context.console)
            return proxy
        }
    }

    private func runningOrStarted() throws -> Start {
        let request = try context.proxyRequest()
        let proxy = try describe()
        for text in try context.stateDirectory().proxyMarkers().invalidTLDs {
            let file = proxy.stateDirectory[.proxyTLDs]
            context.console.warn("\(file) names \"\(text)\", which is no TLD; it is left out.")
        }
        if proxy.isRunning, proxy.isOwn {
            try refuseDifferences(proxy, request)
            return .alreadyRunning(try upgrade(proxy))
        }
        return try alone { directory in
            try endLost(of: directory)
            let proxy = try describe()
            if proxy.isRunning, proxy.isOwn { return .alreadyRunning(proxy) }
            if let port = request.port, context.isProxy(port) {
                throw Self.foreign(
                    port,
                    remedy: "Stop that one, or choose another port with PORTLESS_PORT.",
                )
            }
            var continued = try request.continuing(directory.proxyMarkers())
            // Another proxy has taken the port of ours meanwhile.
            if let port = continued.port, context.isProxy(port) { continued.port = request.port }
            let settings = try LANMode.checked(
                ProxySettings(continued),
                isAskedFor: request.isLAN == true,
                context,
            )
            return .started(try launch(settings, mayFallBack: request.port == nil, directory))
        }
    }

    /// How the user gets rid of browsers' warnings; nil where they don't warn.
    func trustAdvice(_ proxy: ProxyDescription) -> String? {
        guard proxy.usesTLS, !proxy.usesCustomCertificate,
            !TrustMarker(directory: proxy.stateDirectory).isSet
        else { return nil }
        return "Browsers will warn until this machine trusts the certificates: portless trust"
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
    private func alone(_ body: (StateDirectory) throws -> Start) throws -> Start {
        let directory = try context.preparedStateDirectory()
        guard !isLocked else { return try body(directory) }
        return try DaemonKind.proxy.withStartLock(in: directory) { try body(directory) }
    }

    private func upgrade(_ proxy: ProxyDescription) throws -> ProxyDescription {
        do {
            try DaemonReplacement(kind: .proxy, directory: proxy.stateDirectory)
                .upgrade(context) { context.proxyVersion(proxy.port) }
        } catch {
            context.console.warn("The proxy stays as it is. \(error)")
        }
        return try context.describeProxy()
    }

    private func refuseDifferences(_ proxy: ProxyDescription, _ request: ProxyRequest) throws {
        let differences = proxy.differences(from: request)
        guard !differences.isEmpty else { return }
        // Flags and variables ask in the user's own words; a file may be another person's.
        let asked = try context.proxyRequests(ignoringBrokenFiles: true)
        throw Failure(
            "Proxy is already running on port \(proxy.port) with a different config.",
            remedy: differences.map { difference in
                let file = asked.file(askingFor: difference, of: proxy)
                return "  - \(difference)\(file.map { " (\($0))" } ?? "")\n"
            }.joined()
                + "To change it: portless proxy stop && portless proxy start",
        )
    }

    private func launch(
        _ settings: ProxySettings,
        mayFallBack: Bool,
        _ directory: StateDirectory,
    ) throws -> ProxyDescription {
        if !settings.isLAN, let address = try directory.proxyMarkers().lanAddress {
            context.console.warn(
                """
                The last proxy served the local network at \(address); this one serves only this \
                machine.
                """
            )
        }
        let arguments = Self.arguments(settings, mayFallBack: mayFallBack)
        let elevation = Elevation(context: context)
        if sockets == nil, elevation.isUseful(for: settings.port) {
            context.console.say("Port \(settings.port) takes an administrator, this once.")
            let start = ["proxy", "start", "--alone"] + arguments
            if try elevation.run(start, directory: directory) {
                startServer(of: directory)
                return try context.describeProxy()
            }
        }
        let start = DaemonStart(kind: .proxy, arguments: arguments, sockets: sockets?.all ?? [])
        try context.startDaemon(start, context, directory)
        startServer(of: directory)
        return try context.describeProxy()
    }

    /// Starts the server as well, where the proxy needs it to start apps.
    private func startServer(of directory: StateDirectory) {
        // The command that had an administrator open the sockets does it.
        guard !isLocked, !directory.onRequestApps().names.isEmpty else { return }
        do {
            _ = try ServerControl(context).ensureRunning()
        } catch {
            context.console.warn("Apps that start on request have to wait. \(error)")
        }
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
        if settings.isLAN { arguments.append("--lan") }
        if let address = settings.lanAddress { arguments += ["--ip", address] }
        if settings.usesWildcards { arguments.append("--wildcard") }
        return arguments
    }
}

// MARK: Replacing it

extension ProxyControl {
    /// Puts this program's proxy in the place of the one that runs; false if none does.
    func restart() throws -> Bool {
        let directory = try context.stateDirectory()
        guard let process = try directory.proxyMarkers().process, process.isAlive else {
            return false
        }
        guard process.startTime != nil else {
            throw Failure(
                "The proxy (PID \(process.pid)) is not one that this command started.",
                remedy: "To have it replaced, stop it: portless proxy stop",
            )
        }
        try context.replaceDaemon(.proxy, directory)
        return true
    }
}

// MARK: Stopping it

extension ProxyControl {
    enum Stop: Equatable {
        case stopped
        case notRunning
        case otherPort(Port)
        /// The pid file is left over, and its PID is another process's by now.
        case recycled(Int32)
        /// A proxy answers, but not one of this directory.
        case unknownProcess(Port)
    }

    func stop(onlyPort: Port? = nil) throws -> Stop {
        let directory = try context.stateDirectory()
        let markers = try directory.proxyMarkers()
        if let port = markers.port, let onlyPort, port != onlyPort,
            markers.process?.isAlive == true
        {
            return .otherPort(port)
        }
        // The original's proxy records no start time, so it has to answer, and to be the process
        // that listens.
        let stop = DaemonStop(kind: .proxy, directory: directory, processes: context.processes)
        if let lost = try lostProxy(of: directory), onlyPort == nil || onlyPort == lost.port {
            try stop.end(lost.holder)
            return .stopped
        }
        let outcome = try stop.run { _ in
            markers.port.map(context.isProxy) == true
        }
        if outcome == .stopped { return .stopped }
        // While the lock is held a proxy runs, whichever process the files name.
        guard markers == ProxyMarkers() || DaemonKind.proxy.awaitFree(in: directory) else {
            throw Failure(
                "A proxy runs on \(directory.path), but its files there don't say which process it is.",
                remedy: "portless doctor",
            )
        }
        if markers != ProxyMarkers() { try directory.write(ProxyMarkers()) }
        if case .recycled(let pid) = outcome { return .recycled(pid) }
        guard let onlyPort, context.isProxy(onlyPort) else { return .notRunning }
        return .unknownProcess(onlyPort)
    }
}

/// How the user gets URLs without a port where the proxy had to take another port.
enum FallbackAdvice {
    /// Nil where the proxy has the port that it should have.
    static func line(wanted: Port, actual: Port) -> String? {
        guard wanted != actual else { return nil }
        let restart = "portless proxy stop && sudo portless proxy start"
        if PortPermission.isDenied(wanted.rawValue) {
            return "For URLs without a port (asks for your password once): \(restart)"
        }
        let holder = PortHolders.description(of: wanted) ?? "Something else"
        return "\(holder) listens on port \(wanted), so URLs carry a port. Without it: \(restart)"
    }
}

/// A proxy that serves although the files which name it were deleted with its state directory.
struct LostProxy: Equatable {
    let holder: ProcessIdentity
    let port: Port

    /// What the system says of the process proves it: it has the listening sockets, and was started
    /// as this directory's proxy.
    static func find(of directory: StateDirectory) -> LostProxy? {
        guard let sockets = try? ListeningSockets.all() else { return nil }
        var listeners: [Int32: [Port]] = [:]
        for (socket, pids) in ListeningSockets.holders(of: sockets) {
            guard let port = Port(rawValue: socket.port) else { continue }
            for pid in pids { listeners[pid, default: []].append(port) }
        }
        let tree = ProcessTree.current()
        for (pid, ports) in listeners {
            guard let words = ProcessDetails.commandLine(of: pid), words.contains("--held"),
                words.dropFirst().starts(with: ["proxy", "start"]),
                ProcessDetails.environment(of: pid)?["PORTLESS_STATE_DIR"]
                    == directory.path.string,
                let parent = tree.ancestors(of: pid).first,
                // A daemon whose holder was killed a moment ago has another parent, and ends.
                let holder = ProcessIdentity.of(pid: listeners[parent] == nil ? pid : parent),
                let port = ports.filter({ $0 != 80 }).min() ?? ports.first
            else { continue }
            return LostProxy(holder: holder, port: port)
        }
        return nil
    }
}
