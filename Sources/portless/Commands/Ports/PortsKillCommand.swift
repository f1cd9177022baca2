import ArgumentParser
import HostSystem
import PortlessCore

/// `portless ports kill <port>`: ends the process that listens there, after showing it.
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
        let victims = try PortVictims(on: port, context)
        for line in victims.lines { context.console.say(line) }
        guard try yes || context.console.confirm("End \(victims.names)?") else {
            throw Failure("Nothing was ended.")
        }
        let outcome = end(victims.processes, context.processes)
        guard [.ended, .forced].contains(outcome) else {
            let pids = victims.processes.filter(context.processes.isAlive).map { String($0.pid) }
                .joined(separator: ", ")
            throw Failure(
                "Port \(port) is still held by PID \(pids), which can't be ended.",
                remedy: "Try it as the user whose process it is, or with sudo.",
            )
        }
        context.console.print("Ended \(victims.names)\(outcome == .forced ? " by force" : "").")
        guard let successor = context.holder(port) else { return }
        throw Failure(
            "\(successor) listens on port \(port) now.",
            remedy: "Something starts it again: `portless ports explain \(port)` shows what.",
        )
    }

    private func end(
        _ processes: [ProcessIdentity],
        _ control: ProcessControl,
    ) -> Escalation.Outcome {
        Escalation(grace: .seconds(5), afterForce: .seconds(2)).run(
            send: { signal in
                for process in processes { _ = control.send(process, signal) }
                return true
            },
            isOver: { !processes.contains(where: control.isAlive) },
        )
    }
}

/// The processes that have to end for a port to be free, and what they are.
private struct PortVictims {
    let processes: [ProcessIdentity]
    /// `node (812), node (813)`.
    let names: String
    private let port: Port
    private let listeners: [ObservedListener]
    private let details: [Int32: ProcessControl.Details]

    /// Refuses where no process listens, or where ending it isn't what the user means.
    init(on port: Port, _ context: CommandContext) throws {
        let survey = try context.portSurvey()
        let all = survey.listeners.filter { $0.port == port }
        // A receiver of UDP is meant only where no process listens.
        let streams = all.filter { !$0.isDatagram }
        let listeners = streams.isEmpty ? all : streams
        let processes = (streams.isEmpty ? survey.receivers : survey.holders)[port] ?? []
        guard !listeners.isEmpty else {
            throw Failure("Nothing listens on port \(port).")
        }
        if let forwarder = listeners.first(where: { ContainerForwarder.isOne($0.process?.command) })
        {
            throw Failure(
                "Port \(port) belongs to a container, by way of \(forwarder.owner).",
                remedy: "Stop the container: `docker ps` shows which one it is.",
            )
        }
        guard !processes.isEmpty else {
            let owner = listeners.compactMap(\.uid).first.map { " (uid \($0))" } ?? ""
            throw Failure(
                "Port \(port) is held by another user's process\(owner).",
                remedy: "Try it with sudo: sudo portless ports kill \(port)",
            )
        }
        let enclosing = context.processes.enclosing()
        var details: [Int32: ProcessControl.Details] = [:]
        for process in processes { details[process.pid] = context.processes.details(process.pid) }
        let shown = processes.map { Self.shown($0, details).description }
        if let index = processes.firstIndex(where: { enclosing.contains($0.pid) }) {
            throw Failure(
                "Port \(port) is held by \(shown[index]), which this terminal runs in.",
                remedy: "End it in its own way.",
            )
        }
        self.processes = processes
        self.details = details
        names = shown.joined(separator: ", ")
        self.port = port
        self.listeners = listeners
    }

    private static func shown(
        _ process: ProcessIdentity,
        _ details: [Int32: ProcessControl.Details],
    ) -> ObservedProcess {
        ObservedProcess(pid: process.pid, command: details[process.pid]?.name)
    }

    /// What is known of them, for the user who decides.
    var lines: [String] {
        var lines: [String] = []
        let addresses = Set(listeners.map(\.address)).sorted().joined(separator: ", ")
        for process in processes {
            let verb = listeners.contains { !$0.isDatagram } ? "listens on" : "receives UDP on"
            lines.append("\(Self.shown(process, details)) \(verb) port \(port) at \(addresses)")
            if let words = details[process.pid]?.command {
                lines.append("  command  \(words.joined(separator: " ").visibleLine)")
            }
            if let folder = details[process.pid]?.folder {
                lines.append("  folder   \("\(folder)".visibleLine)")
            }
        }
        if let app = listeners.compactMap(\.app).first { lines.append("  app      \(app)") }
        let parents = listeners.first { !$0.parents.isEmpty }?.parents ?? []
        if !parents.isEmpty {
            lines.append("  started by \(parents.map(\.description).joined(separator: ", by "))")
        }
        return lines
    }
}
