import ArgumentParser
import Machine
import PortlessCore

/// `portless trust`: let browsers and other programs of this machine accept our certificates.
struct TrustCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "trust",
        abstract: "Let this machine trust the certificates.",
        discussion: "Asks for your password where the system wants an administrator.",
    )

    @Flag(help: "Only show which stores trust them.")
    var status = false

    @Flag(help: "Serve the authority to phones of this network until Ctrl-C, with a QR code.")
    var phone = false

    @Option(help: "With --phone: end after so many seconds.")
    var timeout: String?

    @Option(help: "With --phone: the port to serve it on; any free one unless given.")
    var port: String?

    // The original takes any words here.
    @Argument(help: .hidden) var ignored: [String] = []

    func run(_ context: CommandContext) throws {
        guard phone else {
            guard timeout == nil, port == nil else {
                throw Failure(
                    "--timeout and --port go with --phone only.",
                    remedy: "Serve the authority to a phone with: portless trust --phone",
                )
            }
            return try trust(context)
        }
        guard !status else {
            throw Failure("--phone and --status exclude each other.", remedy: "Leave one away.")
        }
        let session = PhoneTrustSession(
            limit: try timeout.map(PhoneTrustSession.limit),
            port: try port.map { try Port(argument: $0) },
        )
        try session.run(context)
    }

    private func trust(_ context: CommandContext) throws {
        let directory = try context.preparedStateDirectory()
        let trust = try Trust(of: directory, context)
        let showsOnly = status
        if !showsOnly {
            let tlds = try directory.proxyMarkers().tlds.map(\.hostname)
            _ = try AuthorityStore(directory: directory).prepare(topLevelDomains: tlds)
        }
        let reports = try waiting {
            showsOnly ? try await trust.status() : try await trust.install()
        }
        guard !reports.isEmpty else {
            throw Failure(
                "CA certificate not found.",
                remedy: "It is made when the proxy first starts, or by: portless trust",
            )
        }
        try TrustReporting.show(reports, on: context.console, wanted: .trusted)
    }
}

/// How the trust stores stand, a line for each.
enum TrustReporting {
    /// Prints the reports; a system store that isn't as wanted makes the command fail.
    static func show(
        _ reports: [TrustReport],
        on console: Console,
        wanted: TrustStatus,
    ) throws {
        for report in reports { console.print(line(report.store, report.status)) }
        for report in reports {
            guard let failure = report.failure else { continue }
            if report.isSystemStore, wanted == .trusted {
                console.warn("Could not add CA to system trust store.")
            }
            console.report(failure)
            for command in failure.byHand { console.say("  \(command)") }
        }
        let system = reports.filter(\.isSystemStore)
        guard system.allSatisfy({ $0.status == wanted }) else {
            throw ExitCode(Failure.exitCode)
        }
    }

    static func line(_ store: String, _ status: TrustStatus) -> String {
        switch status {
        case .trusted: "\(store): trusted"
        case .untrusted: "\(store): not trusted"
        case .unavailable(let reason): "\(store): \(reason)"
        }
    }
}
