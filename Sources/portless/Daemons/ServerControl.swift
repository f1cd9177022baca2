import HostSystem
import NIOCore
import PortlessCore
import Server

/// The server of a state directory: started as a process of its own, asked, and stopped.
struct ServerControl: Sendable {
    enum Start {
        case started(ServerRecord)
        case alreadyRunning(ServerRecord)

        var record: ServerRecord {
            switch self {
            case .started(let record), .alreadyRunning(let record): record
            }
        }
    }

    private let context: CommandContext

    init(_ context: CommandContext) {
        self.context = context
    }

    /// The server of this state directory, started if there is none.
    func ensureRunning() throws -> ServerRecord {
        guard try running() != nil else { return try start(host: nil).record }
        return try upgrade()
    }

    /// A server of an older version makes room for this one; apps go on meanwhile.
    private func upgrade() throws -> ServerRecord {
        try DaemonReplacement(kind: .server, directory: context.stateDirectory())
            .upgrade(context) { try running()?.version }
        return try running() ?? start(host: nil).record
    }

    /// The server that runs now.
    func running() throws -> ServerRecord? {
        guard let record = try context.stateDirectory().serverRecord(), record.process.isAlive
        else { return nil }
        return record
    }

    /// Of many commands that start at once, one starts the server and the others find it running.
    func start(host: String?) throws -> Start {
        let directory = try context.preparedStateDirectory()
        return try DaemonKind.server.withStartLock(in: directory) {
            if let record = try running() { return .alreadyRunning(record) }
            return .started(try launch(host, directory))
        }
    }

    private func launch(_ host: String?, _ directory: StateDirectory) throws -> ServerRecord {
        let wanted = try ServerSettings(environment: context.environment).port
        let arguments = host.map { ["--host", $0] } ?? []
        let start = DaemonStart(kind: .server, arguments: arguments)
        try context.startDaemon(start, context, directory)
        guard let record = try running() else {
            throw Failure(
                "The server started and can't be found in \(directory[.serverFile]).",
                remedy: "See \(directory[.serverLog])",
            )
        }
        if record.port != wanted {
            context.console.warn(
                TakenServerPort(port: wanted, context).advice(actual: record.port)
            )
        }
        for warning in try warnings(of: record) { context.console.warn(warning) }
        return record
    }

    /// False if none ran; apps go on under their keepers.
    func stop() throws -> Bool {
        let directory = try context.stateDirectory()
        // An older version has recorded less than what proves that the process is the server.
        let outcome = try DaemonStop(kind: .server, directory: directory).run { process in
            ProcessDetails.commandLine(of: process.pid)?.contains("server") == true
        }
        if case .recycled(let pid) = outcome {
            throw DaemonKind.server.unproven(pid, in: directory)
        }
        return outcome == .stopped
    }
}

// MARK: Asking it

extension ServerControl {
    /// Asks the server, which is started if there is none, and once more if it goes away.
    func client() throws -> APIClient {
        try client(of: ensureRunning()) { try client(of: ensureRunning()) }
    }

    /// Asks the server that runs; nil if none does.
    func runningClient() throws -> APIClient? {
        try running().map { try client(of: $0) }
    }

    /// The same, for a server that may be restarted meanwhile; it isn't started here.
    func recoveringClient() throws -> APIClient? {
        try running().map { server in
            try client(of: server) {
                guard let next = try running() else { throw Failure("The server has ended.") }
                return try client(of: next)
            }
        }
    }

    private func client(
        of server: ServerRecord,
        successor: (@Sendable () throws -> APIClient)? = nil,
    ) throws -> APIClient {
        try APIClient(
            server,
            directory: context.stateDirectory(),
            send: context.ask,
            successor: successor,
        )
    }

    /// What a server warns of; one that hangs is a reason to warn, too.
    func warnings(of server: ServerRecord) throws -> [String] {
        do {
            let exposure = try client(of: server)
                .get("/api/network-exposure/status", within: .seconds(5))
            return (exposure["warnings"]?.array ?? []).compactMap(\.string)
        } catch let failure as Failure {
            return [failure.sentence]
        }
    }
}

/// What the environment says of the server.
struct ServerSettings: Equatable {
    var port = ServerConfiguration.standardPort
    /// Whether the user chose the port.
    var isPortChosen = false
    var mirrorPort = ServerConfiguration.standardMirrorPort
    /// The ports of features that the user has moved.
    var movedPorts: [CoreEndpoint: Port] = [:]

    init(environment: [String: String]) throws {
        if let chosen = try Port(of: "PORTLESS_API_PORT", in: environment) {
            port = chosen
            isPortChosen = true
        }
        // The second one is the original's.
        for name in ["PORTLESS_API_LOCAL_PORT", "PORTOS_HTTP_PORT"] {
            guard let chosen = try Port(of: name, in: environment) else { continue }
            mirrorPort = chosen
            break
        }
        for endpoint in Feature.allCases.flatMap(\.endpoints) {
            guard let variable = endpoint.variable else { continue }
            movedPorts[endpoint] = try Port(of: variable, in: environment)
        }
        guard port != mirrorPort else {
            throw Failure(
                "The server and its plain mirror can't both have port \(port).",
                remedy: "Change PORTLESS_API_PORT or PORTLESS_API_LOCAL_PORT.",
            )
        }
    }
}

extension Port {
    /// The port that an environment variable names; nil for one that is empty or isn't set.
    init?(of name: String, in environment: [String: String]) throws {
        guard let text = environment[name], !text.isEmpty else { return nil }
        guard let port = Port(text) else {
            throw Failure(
                "Invalid port \"\(text)\" in \(name).",
                remedy: "A port is a number from 1 to 65535.",
            )
        }
        self = port
    }
}

/// The server's port while another program has it.
struct TakenServerPort: Error, CustomStringConvertible {
    let port: Port
    private let holding: String

    init(port: Port, _ context: CommandContext) {
        self.port = port
        holding = "\(context.holder(port) ?? "Something else") listens on port \(port)"
    }

    /// Why the server can't be started, where the user has chosen that port.
    var description: String {
        """
        \(holding), which PORTLESS_API_PORT asks for.
        Stop it, or choose another port.
        """
    }

    /// What to tell where the server has taken another one.
    func advice(actual: Port) -> String {
        """
        \(holding), so the server took port \(actual). \
        Once \(port) is free: portless server stop && portless server start
        """
    }
}
