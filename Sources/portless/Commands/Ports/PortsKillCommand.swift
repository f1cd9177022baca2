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
        let holders = try HeldPort(of: port, context)
        if let refusal = holders.refusal { throw Failure(refusal) }
        for line in holders.lines { context.console.say(line) }
        guard try yes || context.console.confirm("End \(holders.titles)?") else {
            throw Failure("Nothing was ended.")
        }
        let ending = try holders.end(context)
        context.console.print("Ended \(holders.titles)\(ending.wasForced ? " by force" : "").")
        guard let successor = ending.successor else { return }
        throw Failure(
            "\(successor) listens on port \(port) now.",
            remedy: "Something starts it again: `portless ports explain \(port)` shows what.",
        )
    }
}

extension HeldPort {
    /// Looks who holds the port, and whether ending that is what the user can mean.
    init(of port: Port, _ context: CommandContext) throws {
        let survey = try context.portSurvey()
        let all = survey.listeners.filter { $0.port == port }
        // A receiver of UDP is meant only where no process listens.
        let streams = all.filter { !$0.isDatagram }
        let processes = (streams.isEmpty ? survey.receivers : survey.holders)[port] ?? []
        self.init(
            of: port,
            listeners: streams.isEmpty ? all : streams,
            list: processes.map { identity in
                let details = context.processes.details(identity.pid)
                return Holder(
                    identity,
                    name: details.name,
                    command: details.command,
                    folder: details.folder,
                )
            },
        )
        refusal = try Self.refusal(self, context)?.description
    }

    private static func refusal(
        _ holders: HeldPort,
        _ context: CommandContext,
    ) throws -> Failure? {
        let port = holders.port
        guard !holders.listeners.isEmpty else {
            return Failure("Nothing listens on port \(port).")
        }
        if let container = holders.listeners.compactMap(\.container).first {
            return Failure(
                "Port \(port) is published by the container \(container.visibleLine).",
                remedy: "Stop the container: docker stop \(container.visibleLine)",
            )
        }
        let forwarder = holders.listeners.first {
            ContainerForwarder.isOne($0.process?.command)
        }
        if let forwarder {
            return Failure(
                "Port \(port) belongs to a container, by way of \(forwarder.owner).",
                remedy: "Stop the container: `docker ps` shows which one it is.",
            )
        }
        guard !holders.list.isEmpty else {
            let owner = holders.listeners.compactMap(\.uid).first.map { " (uid \($0))" } ?? ""
            return Failure(
                "Port \(port) is held by another user's process\(owner).",
                remedy: "Try it with sudo: sudo portless ports kill \(port)",
            )
        }
        let directory = try context.stateDirectory()
        for kind in DaemonKind.allCases {
            guard let entry = try? kind.entry(in: directory), entry.holder.isAlive,
                holders.list.contains(where: { $0.identity.pid == entry.holder.pid })
            else { continue }
            return Failure(
                "Port \(port) is that of Portless's own \(kind).",
                remedy: "portless \(kind) stop",
            )
        }
        let enclosing = context.processes.enclosing()
        guard let outer = holders.list.first(where: { enclosing.contains($0.identity.pid) }) else {
            return nil
        }
        return Failure(
            "Port \(port) is held by \(outer.title), which this terminal runs in.",
            remedy: "End it in its own way.",
        )
    }

    /// Asks them to end, and makes them after five seconds.
    func end(_ context: CommandContext) throws -> PortEnding {
        if let refusal { throw Failure(refusal) }
        let control = context.processes
        let processes = list.map(\.identity)
        let outcome = Escalation(grace: .seconds(5), afterForce: .seconds(2)).run(
            send: { signal in
                for process in processes { _ = control.send(process, signal) }
                return true
            },
            isOver: { !processes.contains(where: control.isAlive) },
        )
        guard [.ended, .forced].contains(outcome) else {
            let pids = processes.filter(control.isAlive).map { String($0.pid) }
                .joined(separator: ", ")
            throw Failure(
                "Port \(port) is still held by PID \(pids), which can't be ended.",
                remedy: "Try it as the user whose process it is, or with sudo.",
            )
        }
        return PortEnding(wasForced: outcome == .forced, successor: context.holder(port))
    }

    /// What is known of them, for the user who decides.
    fileprivate var lines: [String] {
        var lines: [String] = []
        let addresses = Set(listeners.map(\.address)).sorted().joined(separator: ", ")
        for holder in list {
            let verb = listeners.contains { !$0.isDatagram } ? "listens on" : "receives UDP on"
            lines.append("\(holder.title) \(verb) port \(port) at \(addresses)")
            if let words = holder.command {
                lines.append("  command  \(words.joined(separator: " ").visibleLine)")
            }
            if let folder = holder.folder {
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
