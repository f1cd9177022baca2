import HostSystem
import Machine
import PortlessCore
import Runner
import SystemPackage

#if canImport(Darwin)
@preconcurrency import Darwin
#elseif canImport(Musl)
@preconcurrency import Musl
#else
@preconcurrency import Glibc
#endif

extension CommandContext {
    /// The process as it was started.
    static func live() -> CommandContext {
        let environment = Self.currentEnvironment()
        let isTerminal = isatty(1) == 1 || isatty(2) == 1
        let isInteractive = Terminal.standardInput != nil
        return CommandContext(
            console: .live(
                style: TextStyle(environment: environment, isTerminal: isTerminal),
                isInteractive: isInteractive,
            ),
            environment: environment,
            workingDirectory: Self.currentDirectory(),
            executable: OwnExecutable.runnablePath ?? FilePath(CommandLine.arguments[0]),
            userID: UserAccount.effectiveID,
            isInteractive: isInteractive,
            homeOfUser: { UserAccount.home(of: $0) },
            askBranch: { GitBranch.checkedOut(in: $0, environment: environment) },
            isProxy: { ProxyProbe.isProxy($0) },
            isListening: { ProxyProbe.isListening($0) },
            proxyVersion: { ProxyProbe.version($0) },
            isFree: { PortProbe.isFree($0.rawValue) },
            holder: { PortHolders.description(of: $0) },
            answering: { PortHolders.answering(on: $0) },
            listeningPorts: { Set(((try? ListeningSockets.all()) ?? []).map(\.port)) },
            isPortDenied: { PortPermission.isDenied($0) },
            addresses: { NameLookup.addresses(of: $0) },
            lanAddress: { LANAddress.current() },
            surveyPorts: { directory, tlds in
                try .take(of: directory, tlds: tlds, supervised: StoredApps.list(in: directory))
            },
            processes: .live,
            runner: SystemCommandRunner(environment: environment),
            lostProxy: { LostProxy.find(of: $0) },
            startDaemon: { start, context, directory in try start.run(context, directory) },
            replaceDaemon: { kind, directory in
                try DaemonReplacement(kind: kind, directory: directory).run()
            },
            startGuardian: { context, directory in
                try Guardian.spawn(
                    name: "portless",
                    arguments: [GuardianCommand.word],
                    environment: context.environment(for: directory),
                )
            },
            startApp: { app, run in try app.start(in: &run) },
            ask: { request, client in try await client.exchange(request) },
        )
    }

    private static func currentDirectory() -> FilePath {
        guard let buffer = getcwd(nil, 0) else { return "/" }
        defer { free(buffer) }
        return FilePath(String(cString: buffer))
    }

    /// Read once, before any thread exists that could change it.
    private static func currentEnvironment() -> [String: String] {
        var environment: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                environment[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            next += 1
        }
        return environment
    }
}

/// Asks git itself, for repositories that don't keep their references in files.
enum GitBranch {
    /// The branch that is checked out in a work tree; nil without one, or without git.
    static func checkedOut(in folder: FilePath, environment: [String: String]) -> String? {
        let runner = SystemCommandRunner(environment: environment)
        let question = Command(
            "git",
            ["-C", folder.string, "rev-parse", "--abbrev-ref", "HEAD"],
            timeLimit: .seconds(5),
        )
        // A repository's own settings name programs for git to run, which must not be root's.
        let user = UserAccount.realID == 0 ? environment["SUDO_USER"] : nil
        let command = user.map(question.asUser) ?? question
        guard runner.has("git"),
            let result = try? waiting(for: { try await runner.run(command) }), result.isSuccess
        else { return nil }
        return String(result.output.prefix { !$0.isNewline })
    }
}

extension ProcessControl {
    static let live = ProcessControl(
        details: { pid in
            Details(
                name: ProcessDetails.name(of: pid),
                command: ProcessDetails.commandLine(of: pid),
                folder: ProcessDetails.workingDirectory(of: pid),
            )
        },
        enclosing: {
            let own = ProcessIdentity.current.pid
            return Set(ProcessTree.current().ancestors(of: own) + [own, 1])
        },
        orphans: { OrphanSearch.orphans(of: $0) },
        isAlive: { $0.isAlive },
        send: { process, signal in Privileges.asRoot { process.send(signal) } },
        sendToGroup: { leader, signal in
            Privileges.asRoot { ProcessGroup(leader: leader).send(signal) }
        },
    )
}

/// Finds what a run that is gone has left listening on its port.
enum OrphanSearch {
    /// The listeners that carry the run's own mark, the URL that only its children were given.
    ///
    /// A port alone proves nothing: by now it may be a browser's, a container's or another app's.
    static func orphans(of entry: RouteEntry) -> [ProcessIdentity] {
        guard let port = entry.port,
            let sockets = try? ListeningSockets.on(port: port.rawValue)
        else { return [] }
        let holders = Set(ListeningSockets.holders(of: sockets).values.joined())
        return holders.sorted().compactMap { pid in
            // Before its environment is read: what has the PID later isn't the one that was looked at.
            let holder = ProcessIdentity.of(pid: pid)
            let variables = ProcessDetails.environment(of: pid) ?? [:]
            guard variables["PORT"] == port.description,
                let url = variables["PORTLESS_URL"],
                url.split(separator: "/").dropFirst().first?
                    .split(separator: ":").first.map(String.init) == entry.hostname
            else { return nil }
            return holder
        }
    }
}
