import ArgumentParser
import HostSystem
import PortlessCore
import Runner

/// `portless proxy start`: in the background, or here with `--foreground`.
struct ProxyStartCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Start the proxy. It also starts by itself when the first app runs.",
    )

    @OptionGroup var settings: ProxyFlags

    @Flag(help: "Stay in this terminal and log to it.")
    var foreground = false

    // For the daemon that this command starts.
    @Flag(help: .hidden) var mayFallBack = false
    @Flag(help: .hidden) var detached = false
    // For the proxy itself, on the sockets of its holder.
    @Flag(help: .hidden) var held = false
    // For the call under sudo by a command that waits for it.
    @Flag(help: .hidden) var alone = false
    // The original's; our proxy asks for no trust.
    @Flag(help: .hidden) var skipTrust = false

    func run(_ context: CommandContext) throws {
        let flags = try settings.request(context)
        // What this program starts itself is told everything by flags.
        let request =
            held || detached || alone
            ? try ProxyRequest(environment: context.environment).overridden(by: flags)
            : try context.proxyRequest(flags)
        let settings = ProxySettings(request)
        let sockets = try ProxySockets.handedOver(
            environment: context.environment,
            preferring: request.port,
            redirectsHTTP: settings.usesTLS,
        )
        // The one that starts a daemon has checked; a service may start before its network.
        if !held, !detached, sockets == nil {
            _ = try LANMode.checked(settings, isAskedFor: true, context)
        }
        if let sudoUser = try SudoUser(context) {
            try sudoUser.handBack(context, sockets: sockets ?? borrowed(settings, context))
        }
        // In LAN mode .local is what multicast DNS publishes.
        let tlds = (request.tlds ?? []).filter { !settings.isLAN || $0 != .local }
        for warning in tlds.compactMap(\.warning) { context.console.warn(warning) }
        if held, let sockets {
            try serve(request, on: sockets, context)
        } else if foreground {
            try hold(request, on: sockets, context)
        } else {
            try launch(request, on: sockets, context)
        }
    }

    /// The sockets to open as root; where even root can't, the user's attempt tells why.
    private func borrowed(_ settings: ProxySettings, _ context: CommandContext) -> ProxySockets? {
        let sockets = try? ProxySockets.open(
            settings.port,
            redirectsHTTP: settings.usesTLS && settings.port == 443,
            isLAN: settings.isLAN,
            warn: context.console.warn,
        )
        return sockets?.addingBridge(context)
    }

    /// Becomes the holder of the proxy's sockets, which starts the proxy.
    private func hold(
        _ request: ProxyRequest,
        on sockets: ProxySockets?,
        _ context: CommandContext,
    ) throws {
        // The command that starts a detached one has looked.
        if !detached, sockets == nil, let proxy = try ProxyControl(context).running(request) {
            guard request.port == nil || request.port == proxy.port else {
                throw Failure(
                    "The proxy of \(proxy.stateDirectory.path) runs on port \(proxy.port) already.",
                    remedy:
                        "Stop it with `portless proxy stop`, or set another PORTLESS_STATE_DIR.",
                )
            }
            return tellRunning(proxy, context)
        }
        var settings = ProxySettings(request)
        let directory = try context.stateDirectory()
        let elevation = Elevation(context: context)
        if sockets == nil, elevation.isUseful(for: settings.port) {
            try elevation.become(Array(CommandLine.arguments.dropFirst()), directory: directory)
        }
        try directory.create(userID: context.userID)
        let mayFallBack = mayFallBack || request.port == nil
        let holder = DaemonHolder(
            kind: .proxy,
            context: context,
            directory: directory,
            isDetached: detached,
        )
        try holder.run(
            open: {
                let sockets =
                    try sockets
                    ?? ProxySockets.open(
                        [settings.port] + (mayFallBack ? ProxySettings.fallbackPorts : []),
                        settings: settings,
                        warn: context.console.warn,
                    ).addingBridge(context)
                settings.port = sockets.port
                return (sockets.all, ProxyControl.arguments(settings, mayFallBack: false))
            },
            removeNames: {
                try? directory.removeProxyMarkers(of: .current, keepingSettings: $0)
            },
        )
    }

    /// Serves on the holder's sockets.
    private func serve(
        _ request: ProxyRequest,
        on sockets: ProxySockets,
        _ context: CommandContext,
    ) throws {
        // Before anything starts a thread.
        let signals = SignalQueue([
            .interrupt, .terminate, .hangUp, HeldDaemon.retireSignal,
        ])
        guard let held = HeldDaemon(sockets: sockets.all) else { return }
        let directory = try context.stateDirectory()
        let service = ProxyService(
            directory: directory,
            settings: ProxySettings(request),
            bootWait: try BootWait.limit(context.environment),
            sockets: sockets,
            held: held,
            starter: AppStarts(context: context).starter,
            context: context,
            logger: DaemonLog(file: detached ? directory[.proxyLog] : nil).logger,
        )
        try service.run(until: signals)
    }

    /// Starts the proxy in the background.
    func launch(
        _ request: ProxyRequest,
        on sockets: ProxySockets?,
        _ context: CommandContext,
    ) throws {
        var control = ProxyControl(context)
        control.sockets = sockets
        control.isLocked = alone
        switch try control.start(request, mayFallBack: mayFallBack || request.port == nil) {
        case .started(let proxy):
            let settings = ProxySettings(request)
            context.console.print("\(settings.protocolName) proxy started on port \(proxy.port)")
            if let advice = FallbackAdvice.line(wanted: settings.port, actual: proxy.port) {
                context.console.say(advice)
            }
            if let advice = control.trustAdvice(proxy) { context.console.say(advice) }
            LANMode.announce(proxy, on: context.console)
        case .alreadyRunning(let proxy): tellRunning(proxy, context)
        }
    }

    private func tellRunning(_ proxy: ProxyDescription, _ context: CommandContext) {
        // For a service manager the service then has ended in order.
        ServiceNotification.ready(context.environment)
        context.console.print("Proxy is already running on port \(proxy.port).")
        context.console.say("To restart it: portless proxy restart")
    }
}
