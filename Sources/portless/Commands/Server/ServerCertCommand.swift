import ArgumentParser
import PortlessCore

/// `portless server cert`: a certificate for the server.
struct ServerCertCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "portless server cert",
        abstract: "Give the server a certificate: by Tailscale where that runs, else our own.",
    )

    @OptionGroup var leftovers: Leftovers

    func run(_ context: CommandContext) throws {
        try leftovers.refuse(in: "server cert", flags: ["--force"])
        throw Failure("`portless server cert` is not in this version yet.")
    }
}
