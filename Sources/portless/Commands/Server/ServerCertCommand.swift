import ArgumentParser
import HostSystem
import Machine
import PortlessCore

/// `portless server cert`: a certificate for the server.
struct ServerCertCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "cert",
        abstract: "Give the server a certificate: by Tailscale where that runs, else our own.",
        discussion: """
            With one, port 5555 speaks HTTPS, and port 5553 answers plain HTTP on loopback. A \
            server that runs takes it into use at once, and renews it before it ends. Remove \
            ~/.portless/certs to go back.
            """,
    )

    @Flag(help: "Replace also a certificate that is good, or that the user has put there.")
    var force = false

    func run(_ context: CommandContext) throws {
        let directory = try context.preparedStateDirectory()
        let provision = ServerCertificateProvision(
            directory: directory,
            runner: context.runner,
            names: try AppName(parsing: "portless").hostnames(under: context.describeProxy().tlds),
        )
        context.console.say("Looking for Tailscale, and making a certificate…")
        let force = force
        let outcome = try waiting { try await provision.run(force: force) }
        if case .foreign = outcome {
            throw Failure(
                "\(directory[.serverCertificates]) holds a certificate that isn't ours; it stays.",
                remedy: "Replace it with: portless server cert --force",
            )
        }
        if case .own(_, _, let reason?) = outcome { context.console.warn(reason) }
        context.console.print(Self.sentence(outcome))
        guard let client = try ServerControl(context).runningClient() else {
            context.console.say("The server will use it from its next start on.")
            return
        }
        let exposure = try client.post("/api/certificate/reload")
        for warning in exposure["warnings"]?.array ?? [] {
            context.console.warn(warning.string ?? "")
        }
        guard exposure["httpsEnabled"]?.bool == true else {
            throw Failure("The server still speaks HTTP.", remedy: "See \(directory[.serverLog]).")
        }
        context.console.say("The server uses it now.")
    }

    static func sentence(_ outcome: ServerCertificateProvision.Outcome) -> String {
        switch outcome {
        case .unchanged(let names, let end):
            "The certificate for \(names.joined(separator: ", ")) is good until \(end.day)."
        case .tailscale(let name, let end):
            "Tailscale gave a certificate for \(name), good until \(end.day)."
        case .own(let names, let end, _):
            """
            Our own CA gave a certificate for \(names.joined(separator: ", ")), good until \
            \(end.day). `portless trust` lets browsers accept it.
            """
        case .foreign: "A certificate that portless didn't make is there."
        }
    }
}
