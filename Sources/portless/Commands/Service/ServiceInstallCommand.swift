import ArgumentParser
import HostSystem
import Machine
import PortlessCore
import SystemPackage

/// `portless service install`: the operating system starts the proxy, and the server if asked to.
struct ServiceInstallCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "install",
        abstract: "Let the operating system start the proxy, or the server, and restart it.",
        discussion: """
            Without a name it is the proxy. Where its port takes an administrator, the system opens \
            the port (systemd's or launchd's sockets) and the proxy runs as you; else it is a \
            service of your login and no administrator is asked. The server is always that. A proxy \
            that runs already is stopped first.
            """,
    )

    @Argument(help: "proxy, server, or both.")
    var daemons: [String] = []

    @OptionGroup var settings: ProxyFlags

    @Option(name: .customLong("state-dir"), help: "The folder of the state files (~/.portless).")
    var stateDirectory: String?

    @Flag(help: "From your login on.")
    var user = false

    @Flag(help: "From boot on; takes an administrator.")
    var system = false

    @Flag(help: "Print the files that would be written, and change nothing.")
    var print = false

    // For the call under sudo by a command that has decided it.
    @Option(help: .hidden) var program: String?

    func run(_ context: CommandContext) throws {
        guard !user || !system else {
            throw Failure("--user and --system exclude each other.", remedy: "Give one of them.")
        }
        var context = context
        if let stateDirectory {
            context.environment["PORTLESS_STATE_DIR"] =
                Self.expanded(stateDirectory, context).string
        }
        let control = try ServiceControl(context)
        let jobs = try jobs(control, context)
        guard !print else { return try show(jobs, control) }
        if let job = jobs.first(where: { $0.scope == .user }), context.isSudo {
            throw Failure(
                "The \(job.daemon.rawValue) as a service of your login is installed without sudo.",
                remedy: "Run it as yourself, or give --system.",
            )
        }
        for job in jobs {
            if control.needsRoot(job.scope) {
                try elevate(job, context)
            } else {
                try install(job, control, context)
            }
        }
    }

    // MARK: What is asked for

    private func jobs(
        _ control: ServiceControl,
        _ context: CommandContext,
    ) throws -> [ServiceJob] {
        let wanted = try (daemons.isEmpty ? ["proxy"] : daemons).map { word in
            guard let daemon = ServiceJob.Daemon(rawValue: word) else {
                throw Failure(
                    "There is no service \"\(word)\".",
                    remedy: "It is proxy, or server: portless service install proxy server",
                )
            }
            return daemon
        }
        let directory = try context.stateDirectory()
        let program = try program.map { FilePath($0) } ?? control.stableProgram()
        let flags = try settings.request(context)
        guard wanted.contains(.proxy) || flags == ProxyRequest() && !system else {
            throw Failure(
                "The server takes none of these flags.",
                remedy: "They are the proxy's: portless service install proxy server",
            )
        }
        return try ServiceJob.Daemon.allCases.filter(wanted.contains).map { daemon in
            guard daemon == .proxy else {
                return try control.server(program: program, in: directory)
            }
            // A service serves all projects, so no project's file counts.
            let request = try context.proxyRequests(
                usesProject: false,
                ignoringBrokenFiles: false,
            ).request.overridden(by: flags)
            _ = try LANMode.checked(ProxySettings(request), isAskedFor: true, context)
            try Self.check(request)
            let port = ProxySettings(request).port
            let isSystem = system || !user && context.isPortDenied(port.rawValue)
            if user, context.isPortDenied(port.rawValue) {
                throw Failure(
                    "A service of your login may not listen on port \(port).",
                    remedy: "Leave --user out, or choose another port: -p 1355",
                )
            }
            return try control.proxy(
                request,
                isSystem || context.isSudo && !user ? .system : .user,
                program: program,
                in: directory,
            )
        }
    }

    private static func check(_ request: ProxyRequest) throws {
        guard let files = request.certificateFiles else { return }
        for file in [files.certificate, files.key] where (try? FileStatus.of(file)) == nil {
            throw Failure("There is no file \(file).", remedy: "Name the certificate's PEM files.")
        }
    }

    /// A path with `~` for the home, as unit files have no shell to do it.
    private static func expanded(_ path: String, _ context: CommandContext) -> FilePath {
        guard path == "~" || path.hasPrefix("~/"), let home = context.environment["HOME"] else {
            return context.resolve(path)
        }
        return FilePath(home).pushing(FilePath(String(path.dropFirst(2)))).lexicallyNormalized()
    }

    // MARK: Doing it

    private func show(_ jobs: [ServiceJob], _ control: ServiceControl) throws {
        let files = try jobs.flatMap { try control.services.files(of: $0) }
        for (index, file) in files.enumerated() {
            control.context.console.print("\(index > 0 ? "\n" : "")# \(file.path)")
            control.context.console.print("\(file.text.dropLast())")
        }
    }

    private func elevate(_ job: ServiceJob, _ context: CommandContext) throws {
        var words = ["service", "install", "proxy", "--system", "--program", job.program.string]
        words += job.arguments.dropFirst(3).filter { $0 != "--skip-trust" }
        let elevation = Elevation(context: context)
        guard let code = try elevation.runAnnounced(words) else {
            throw Failure(
                "A service of the system takes an administrator.",
                remedy: """
                    Run it with sudo: sudo portless service install
                    Or without one, on another port: portless service install -p 1355
                    """,
            )
        }
        guard code == 0 else { throw ExitCode(code) }
    }

    private func install(
        _ job: ServiceJob,
        _ control: ServiceControl,
        _ context: CommandContext,
    ) throws {
        try control.install(job)
        let file = control.services.file(job.daemon, job.scope)
        context.console.print("The \(job.daemon.rawValue) is a service now: \(file)")
        if job.user == nil, context.userID == 0 {
            context.console.warn("It runs as root, because root has installed it.")
        }
        if job.scope == .user, control.services.manager == .systemd {
            context.console.say(
                "It runs while you are logged in. From boot on: loginctl enable-linger"
            )
        }
        guard job.daemon == .proxy, !control.services.isElsewhere || job.scope == .user else {
            return
        }
        let proxy = try context.describeProxy()
        context.console.say("It serves \(proxy.usesTLS ? "HTTPS" : "HTTP") on port \(proxy.port).")
        if let advice = ProxyControl(context).trustAdvice(proxy) { context.console.say(advice) }
    }
}

extension CommandContext {
    /// Whether root works for a user who has called sudo.
    fileprivate var isSudo: Bool { (try? SudoUser(self)) ?? nil != nil }
}
