import ArgumentParser
import HostSystem
import PortlessCore
import Runner
import SystemPackage

/// `portless ports`: which app has which port, and who listens there.
struct PortsCommand: ContextCommand {
    private static let pause = Duration.seconds(1)

    static let configuration = CommandConfiguration(
        commandName: "ports",
        abstract: "Show which app has which port, and who listens there.",
        discussion: """
            States: free and leased (no process listens), listening, wrong process (another one has it), \
            wrong address (not reached from this machine), crashed (the run is gone, its name is \
            not), conflict (two apps have the same port).
            """,
        subcommands: [
            PortsDetectCommand.self, PortsLeaseCommand.self, PortsReleaseCommand.self,
            PortsExplainCommand.self, PortsKillCommand.self, PortsFindCommand.self,
            PortsCheckCommand.self,
        ],
    )

    @Flag(help: "Print the table as JSON.")
    var json = false

    @Flag(help: "Go on, and print the table again whenever it changes.")
    var watch = false

    @Flag(help: "Show also who listens on ports that no app has.")
    var all = false

    func run(_ context: CommandContext) throws {
        guard watch else {
            context.console.print(text(try context.portSurvey().table))
            return
        }
        try follow(context)
    }

    /// Prints the table whenever it has changed, until a signal ends it or its reader is gone.
    private func follow(_ context: CommandContext) throws {
        let signals = SignalQueue([.interrupt, .terminate, .hangUp])
        // A terminal shows one table, a file or pipe all of them, JSON on a line each.
        let clears = Terminal(descriptor: .standardOutput) != nil
        var last: String?
        while PipeReader.isThere(.standardOutput) {
            let text = text(try context.portSurvey().table)
            if text != last {
                if clears { context.console.write(styled: "\u{1B}[H\u{1B}[2J") }
                context.console.print(text)
            }
            last = text
            if let signal = signals.next(timeout: Self.pause) {
                throw ExitCode(128 + signal.rawValue)
            }
        }
    }

    private func text(_ table: PortTable) -> String {
        if json { return watch ? table.json.compact : table.json.formatted }
        guard !table.rows.isEmpty || !table.infrastructure.isEmpty || all else {
            return "No app has a port. Give one to an app: portless ports lease <app> <label>…"
        }
        return table.text(isComplete: all)
    }
}
