import HostSystem
import PortlessCore
import Runner

/// Named mode and run mode: `portless <name> <command…>`, `portless run [command…]`.
struct RunCommand {
    let request: RunRequest

    func run(_ context: CommandContext) throws -> Int32 {
        let signals = SignalQueue(ForegroundRun.signals)
        guard !request.command.isEmpty else { throw Failure.noCommand }
        guard !Self.isBypassed(context.environment) else {
            return try runAlone(context, signals: signals)
        }
        try refuseSharing(context.globals)
        return try AppRun(
            context: context,
            naming: naming(context),
            force: request.force,
            fixedPort: request.appPort ?? AppPort.fromEnvironment(context.environment),
            command: request.command,
        ).run(signals: signals)
    }

    /// Whether `PORTLESS` says that commands shall run as if we weren't there.
    static func isBypassed(_ environment: [String: String]) -> Bool {
        ["0", "false", "skip"].contains(environment["PORTLESS"])
    }

    private func naming(_ context: CommandContext) throws -> AppNaming {
        switch request.naming {
        case .exactly(let text):
            return try AppNaming(exactly: text)
        case .project(let override?):
            let prefix = context.worktreePrefix
            return try AppNaming(base: override, source: .flag, prefix: prefix)
        case .project(nil):
            let inferred = try NameInference.infer(in: context.workingDirectory)
            return try AppNaming(
                base: inferred.name,
                source: inferred.source,
                prefix: context.worktreePrefix,
            )
        }
    }

    private func runAlone(_ context: CommandContext, signals: SignalQueue) throws -> Int32 {
        var run = try ForegroundRun(
            ShellCommand(request.command),
            environment: context.environmentWithLocalPrograms(in: context.workingDirectory),
            signals: signals,
            guardian: nil,
        )
        return try run.wait().exitCode
    }

    private func refuseSharing(_ globals: GlobalOptions) throws {
        let wanted = [
            ("--lan", globals.lan), ("--tailscale", globals.tailscale), ("--ngrok", globals.ngrok),
        ]
        for (flag, isWanted) in wanted where isWanted {
            throw Failure(
                "\(flag) is not in this version yet.",
                remedy: "Without it the app is reached from this machine.",
            )
        }
    }
}
