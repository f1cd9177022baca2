import ArgumentParser

/// `portless service`, which the original has.
struct ServiceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "service",
        abstract: "The proxy as a service of the system, from boot on: not in this version yet.",
        discussion: "Without it the proxy starts when the first app runs.",
        subcommands: [Install.self, Uninstall.self, Status.self],
    )

    struct Install: MissingServiceCommand {
        static let configuration = CommandConfiguration(abstract: "Install the service.")
    }

    struct Uninstall: MissingServiceCommand {
        static let configuration = CommandConfiguration(abstract: "Remove the service.")
    }

    struct Status: MissingServiceCommand {
        static let configuration = CommandConfiguration(abstract: "Show whether it is installed.")
    }
}

/// A command that only says that it is missing.
protocol MissingServiceCommand: ContextCommand {}

extension MissingServiceCommand {
    func run(_ context: CommandContext) throws {
        throw Failure(
            "`portless service` is not in this version yet.",
            remedy: "Without it the proxy starts when the first app runs.",
        )
    }
}
