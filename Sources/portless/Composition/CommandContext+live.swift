import HostSystem
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
        return CommandContext(
            console: .live(style: TextStyle(environment: environment, isTerminal: isTerminal)),
            environment: environment,
            workingDirectory: Self.currentDirectory(),
            executable: OwnExecutable.runnablePath ?? FilePath(CommandLine.arguments[0]),
            userID: UserAccount.effectiveID,
            homeOfUser: { UserAccount.home(of: $0) },
            isInteractive: Terminal.standardInput != nil,
            askBranch: { GitBranch.checkedOut(in: $0, environment: environment) },
            isProxy: { ProxyProbe.isProxy($0) },
            isListening: { ProxyProbe.isListening($0) },
            proxyVersion: { ProxyProbe.version($0) },
            isFree: { PortProbe.isFree($0.rawValue) },
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
