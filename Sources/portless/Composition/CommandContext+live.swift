import HostSystem
import Machine
import PortlessCore
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
            listeningPorts: { Set(((try? ListeningSockets.all()) ?? []).map(\.port)) },
            isPortDenied: { PortPermission.isDenied($0) },
            addresses: { NameLookup.addresses(of: $0) },
            runner: SystemCommandRunner(environment: environment),
            startDaemon: { start, context, directory in try start.run(context, directory) },
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
