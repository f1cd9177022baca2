import HostSystem
import PortlessCore

/// The processes that have to end for a port to be free, and what they are.
struct PortVictims {
    let processes: [ProcessIdentity]
    /// `node (812), node (813)`.
    let names: String
    private let port: Port
    private let listeners: [ObservedListener]

    /// Refuses where nobody listens, or where ending it would not be what is meant.
    init(on port: Port, survey: PortSurvey) throws {
        let all = survey.listeners.filter { $0.port == port }
        // Who receives UDP is meant only where nobody listens.
        let streams = all.filter { !$0.isDatagram }
        let listeners = streams.isEmpty ? all : streams
        let processes = (streams.isEmpty ? survey.receivers : survey.holders)[port] ?? []
        guard !listeners.isEmpty else {
            throw Failure("Nothing listens on port \(port).")
        }
        if let forwarder = listeners.first(where: { ContainerForwarder.isOne($0.process?.command) })
        {
            throw Failure(
                "Port \(port) belongs to a container, behind \(forwarder.owner).",
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
        try Self.check(processes, port)
        self.processes = processes
        names = processes.map { Self.shown($0).description }.joined(separator: ", ")
        self.port = port
        self.listeners = listeners
    }

    private static func check(_ processes: [ProcessIdentity], _ port: Port) throws {
        let tree = ProcessTree.current()
        let own = ProcessIdentity.current.pid
        let untouchable = Set(tree.ancestors(of: own) + [own, 1])
        guard let process = processes.first(where: { untouchable.contains($0.pid) }) else { return }
        throw Failure(
            "Port \(port) is held by \(shown(process)), which this terminal runs in.",
            remedy: "End it in its own way.",
        )
    }

    private static func shown(_ process: ProcessIdentity) -> ObservedProcess {
        ObservedProcess(pid: process.pid, command: ProcessDetails.name(of: process.pid))
    }

    /// What is known of them, for the person who decides.
    var lines: [String] {
        var lines: [String] = []
        let addresses = Set(listeners.map(\.address)).sorted().joined(separator: ", ")
        for process in processes {
            let verb = listeners.contains { !$0.isDatagram } ? "listens on" : "receives UDP on"
            lines.append("\(Self.shown(process)) \(verb) port \(port) at \(addresses)")
            if let words = ProcessDetails.commandLine(of: process.pid) {
                lines.append("  command  \(words.joined(separator: " ").visibleLine)")
            }
            if let folder = ProcessDetails.workingDirectory(of: process.pid) {
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
