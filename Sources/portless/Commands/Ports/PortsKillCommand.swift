import ArgumentParser
import HostSystem
import PortlessCore

/// `portless ports kill <port>`: ends whoever listens there, once it has been shown.
struct PortsKillCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "kill",
        abstract: "End the process that listens on a port, after showing what it is.",
        discussion: """
            It is asked to end (SIGTERM), and made to (SIGKILL) if it hasn't after five seconds. \
            Containers and what runs this terminal are left alone.
            """,
    )

    @Flag(name: .shortAndLong, help: "Don't ask.")
    var yes = false

    @Argument var port: String?

    func run(_ context: CommandContext) throws {
        let port = try Port(argument: port, usage: "portless ports kill <port>")
        let survey = try PortSurvey.take(context)
        let victims = try PortVictims(on: port, survey: survey)
        for line in victims.lines { context.console.say(line) }
        guard try yes || context.console.confirm("End \(victims.names)?") else {
            throw Failure("Nothing was ended.")
        }
        let outcome = end(victims.processes)
        guard [.ended, .forced].contains(outcome) else {
            let pids = victims.processes.filter(\.isAlive).map { String($0.pid) }
                .joined(separator: ", ")
            throw Failure(
                "Port \(port) is still held by PID \(pids), which can't be ended.",
                remedy: "Try it as the user whose process it is, or with sudo.",
            )
        }
        context.console.print("Ended \(victims.names)\(outcome == .forced ? " by force" : "").")
        guard let successor = PortHolders.description(of: port) else { return }
        throw Failure(
            "\(successor) listens on port \(port) now.",
            remedy: "Something starts it again: `portless ports explain \(port)` shows what.",
        )
    }

    /// With all of root's rights, where there are any.
    private func end(_ processes: [ProcessIdentity]) -> Escalation.Outcome {
        Escalation(grace: .seconds(5), afterForce: .seconds(2)).run(
            send: { signal in
                for process in processes {
                    _ = Privileges.asRoot { process.send(signal) }
                }
                return true
            },
            isOver: { !processes.contains(where: \.isAlive) },
        )
    }
}
