import HostSystem
import PortlessCore
import SystemPackage

/// The calls of the system's `ssh`: what is said to it, and what the user's configuration can't change.
struct SSHCall {
    let program: FilePath
    let arguments: [String]
    var environment: [String: String]
    /// The folder of the connection's socket, which is named relative to it.
    let folder: FilePath
    /// What the remote shell reads.
    var input = ""
}

/// How the machine is reached by `ssh`: one connection, which others join by its socket.
struct SSHClient {
    private static let commandLimit = Duration.seconds(15)

    let host: RemoteHost
    let folder: RemoteFolder
    let program: FilePath
    let environment: [String: String]

    init(_ host: RemoteHost, _ context: CommandContext) throws {
        self.host = host
        folder = RemoteFolder(in: try context.preparedStateDirectory())
        try folder.create()
        guard let program = ProgramSearch.find("ssh", path: context.environment["PATH"]) else {
            throw Failure(
                "There is no ssh in the PATH, by which the other machine is reached.",
                remedy: "Install OpenSSH's client: the package openssh-client.",
            )
        }
        self.program = program
        var environment = context.environment
        // Its words tell failures apart.
        environment["LC_ALL"] = "C"
        self.environment = environment
    }

    /// Runs a script there; `persists`: the connection outlives the call, so that another one needn't
    /// ask again.
    func run(_ script: String, mayAsk: Bool = false, persists: Bool = false) throws -> SSHProcess {
        var options = [
            "ControlMaster=auto", "ControlPersist=\(persists ? "60" : "no")",
            // A person answers in their own time.
            "BatchMode=\(mayAsk ? "no" : "yes")", "ConnectTimeout=15",
            "ServerAliveInterval=5", "ServerAliveCountMax=3",
            "ClearAllForwardings=yes", "RemoteCommand=none", "RequestTTY=no",
            "PermitLocalCommand=no", "ForwardAgent=no", "ForwardX11=no", "LogLevel=ERROR",
        ]
        if mayAsk { options.append("NumberOfPasswordPrompts=3") }
        let arguments = options.flatMap { ["-o", $0] } + ["--", host.destination, "exec sh -s"]
        return try SSHProcess(call(arguments, input: script), mayAsk: mayAsk)
    }

    /// Has the connection forward a local port to one of the machine's loopback; false where it can't.
    func forward(_ port: Port, to remote: Port, ends: Bool = false) throws -> Bool {
        let forwarding = "127.0.0.1:\(port):127.0.0.1:\(remote)"
        return try control(ends ? "cancel" : "forward", ["-L", forwarding])
    }

    /// Ends the connection; false if there was none.
    @discardableResult
    func exit() throws -> Bool { try control("exit") }

    private func control(_ command: String, _ arguments: [String] = []) throws -> Bool {
        let arguments = ["-O", command] + arguments + ["--", host.destination]
        let process = try SSHProcess(call(arguments), mayAsk: false)
        defer { process.close() }
        let deadline = ContinuousClock.now + Self.commandLimit
        while true {
            switch try process.next(until: deadline) {
            case .line: continue
            case .ended(let code, _): return code == 0
            case .interrupted, .silent: return false
            }
        }
    }

    private func call(_ arguments: [String], input: String = "") -> SSHCall {
        SSHCall(
            program: program,
            arguments: ["-S", folder.socketName(of: host.name), "-T"] + arguments,
            environment: environment,
            folder: folder.path,
            input: input,
        )
    }
}
