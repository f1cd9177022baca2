import ArgumentParser
import HostSystem
import PortlessCore

/// `portless proxy start`: in the background, or here with `--foreground`.
struct ProxyStartCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "portless proxy start",
        abstract: "Start the proxy. It also starts by itself when the first app runs.",
    )

    @Option(name: [.short, .long], help: "The port to listen on (443, else 1355).")
    var port: String?

    @Flag(help: "Serve HTTPS, as is the default.")
    var https = false

    @Flag(name: .customLong("no-tls"), help: "Serve plain HTTP only.")
    var noTLS = false

    @Option(name: .customLong("tld"), help: "In place of localhost; may be repeated.")
    var tlds: [String] = []

    @Flag(help: "Send any.name.localhost to name.localhost.")
    var wildcard = false

    @Option(name: .customLong("cert"), help: "A certificate of your own, as PEM.")
    var certificate: String?

    @Option(help: "The certificate's private key, as PEM.")
    var key: String?

    @Flag(help: "Stay in this terminal and log to it.")
    var foreground = false

    // For the daemon that this command starts.
    @Flag(help: .hidden) var mayFallBack = false
    // The original's; our proxy asks for no trust.
    @Flag(help: .hidden) var skipTrust = false

    @OptionGroup var leftovers: Leftovers

    func run(_ context: CommandContext) throws {
        try leftovers.refuse(
            in: "proxy start",
            flags: [
                "--port", "-p", "--https", "--no-tls", "--tld", "--wildcard", "--cert", "--key",
                "--foreground",
            ],
        )
        let flags = try request(context)
        let request = try ProxyRequest(environment: context.environment).overridden(by: flags)
        if request.isLAN == true { throw Failure("LAN mode is not in this version yet.") }
        for warning in (request.tlds ?? []).compactMap(\.warning) { context.console.warn(warning) }
        if foreground {
            try serve(request, context)
        } else {
            try launch(request, context)
        }
    }

    /// What the flags ask for.
    func request(_ context: CommandContext) throws -> ProxyRequest {
        var request = ProxyRequest()
        request.port = try port.map { text in
            guard let port = Port(text) else {
                throw Failure(
                    "Invalid port \"\(text)\".",
                    remedy: "A port is a number from 1 to 65535.",
                )
            }
            return port
        }
        if https || noTLS { request.usesTLS = !noTLS }
        if !tlds.isEmpty { request.tlds = try TLD.list(parsing: tlds.joined(separator: ",")) }
        if wildcard { request.usesWildcards = true }
        switch (certificate, key) {
        case (let certificate?, let key?):
            request.certificateFiles = ProxyRequest.CertificateFiles(
                certificate: context.resolve(certificate),
                key: context.resolve(key),
            )
        case (nil, nil): break
        default:
            throw Failure(
                "--cert and --key belong together.",
                remedy: "Give both: --cert cert.pem --key key.pem",
            )
        }
        return request
    }

    private func serve(_ request: ProxyRequest, _ context: CommandContext) throws {
        // Before anything starts a thread.
        let signals = SignalQueue([.interrupt, .terminate, .hangUp])
        try ProxyService(
            directory: context.preparedStateDirectory(),
            settings: ProxySettings(request),
            mayFallBack: mayFallBack || request.port == nil,
            console: context.console,
        ).run(until: signals)
    }

    /// Starts the proxy in the background.
    func launch(_ request: ProxyRequest, _ context: CommandContext) throws {
        switch try ProxyLauncher(context: context)
            .start(request, mayFallBack: mayFallBack || request.port == nil)
        {
        case .started(let proxy):
            let name = ProxySettings(request).protocolName
            context.console.print("\(name) proxy started on port \(proxy.port)")
        case .alreadyRunning(let proxy):
            context.console.print("Proxy is already running on port \(proxy.port).")
            context.console.say("To restart it: portless proxy stop && portless proxy start")
        }
    }
}
