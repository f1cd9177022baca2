import ArgumentParser
import HostSystem
import Machine
import PortlessCore
import Runner
import SystemPackage

/// `portless demo`: runs an app of our own under its name, checks it and shows the URL.
struct DemoCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Run a small app behind https://demo.localhost and check it.",
        discussion: "It stays until Ctrl-C.",
    )

    @Flag(help: "End after the check, with 0 if it succeeded and 1 if not.")
    var once = false

    func run(_ context: CommandContext) throws {
        let signals = SignalQueue(ForegroundRun.signals)
        let program = OwnExecutable.installedPath ?? context.executable
        var result: Result<DemoCheck.Finding, any Error>?
        let naming = try AppNaming(exactly: "demo")
        let plan = AppPlan(
            alone: naming,
            command: [program.string, DemoAppCommand.word],
            in: context.workingDirectory,
        )
        var run = PlanRun(context: context, plans: [plan], naming: naming)
        run.additions = { proxy in
            try DemoCheck(directory: proxy.stateDirectory).authority()?.environment ?? [:]
        }
        run.whenStarted = { app in
            let outcome = Result { try DemoCheck(directory: app.proxy.stateDirectory).run(app) }
            report(outcome, of: app, context)
            result = outcome
            if once { app.group.send(.terminate) }
        }
        _ = try run.run(signals: signals)
        guard case .success = result else { throw ExitCode(Failure.exitCode) }
    }

    private func report(
        _ outcome: Result<DemoCheck.Finding, any Error>,
        of app: StartedApp,
        _ context: CommandContext,
    ) {
        let console = context.console
        switch outcome {
        case .success(let finding):
            console.print(styled: console.style.bold(app.url))
            console.print(finding.sentence)
            if once { return }
            if let advice = ProxyControl(context).trustAdvice(app.proxy) { console.say(advice) }
            console.say("Ctrl-C ends the demo.")
        case .failure(let error):
            console.report(error)
        }
    }
}

/// Fetches the demo once through the proxy, trusting our own authority and nothing else.
struct DemoCheck {
    enum Finding: Equatable {
        case verified(host: String, authority: String)
        /// The proxy serves plain HTTP only.
        case plain

        var sentence: String {
            switch self {
            case .verified(let host, let authority):
                "Fetched once: 200, with a certificate for \(host) verified against \(authority)."
            case .plain:
                "Fetched once: 200, over plain HTTP, as the proxy runs without TLS."
            }
        }
    }

    let directory: StateDirectory

    /// Who signs the demo's certificate; nil where there is no authority of ours.
    func authority() throws -> DemoAuthority? {
        try TrustedCertificate.current(in: directory).map { certificate in
            DemoAuthority(
                name: CertificateAuthority.commonName,
                fingerprint: certificate.fingerprint.description,
            )
        }
    }

    func run(_ app: StartedApp) throws -> Finding {
        guard let host = app.hostnames.first else { throw Failure.noCommand }
        let authority = app.proxy.usesTLS ? try authorityFile(app.proxy) : nil
        let request = LocalRequest(
            server: .port(app.proxy.port.number),
            host: host.description,
            authority: authority,
        )
        let answer: LocalRequest.Answer
        do {
            answer = try waiting { try await request.send() }
        } catch {
            throw Failure(
                "The demo can't be fetched from \(app.url): \(error).",
                remedy: "See \(directory[.proxyLog]).",
            )
        }
        guard answer.status == 200, answer.body.contains(DemoPage.marker) else {
            throw Failure(
                "\(app.url) answered \(answer.status), and not with the demo's page.",
                remedy: "See what has the name: portless list",
            )
        }
        return app.proxy.usesTLS
            ? .verified(host: host.description, authority: CertificateAuthority.commonName)
            : .plain
    }

    private func authorityFile(_ proxy: ProxyDescription) throws -> [UInt8] {
        guard !proxy.usesCustomCertificate else {
            throw Failure(
                "The proxy serves a certificate of your own, which the demo can't verify.",
                remedy: "Start it without --cert: portless proxy stop && portless demo",
            )
        }
        return try AtomicFile.read(directory[.caCertificate])
    }
}
