import HostSystem
import Machine
import PortlessCore
import SystemPackage

/// Starts the proxy through sudo, where somebody at the terminal can allow it.
struct Elevation {
    /// Where sudo is, before what `PATH` says; it is only taken where it is root's own.
    private static let usualPlaces: [FilePath] = [
        "/usr/bin/sudo", "/run/wrappers/bin/sudo", "/usr/local/bin/sudo",
    ]
    private static let setUserID = FilePermissions(rawValue: 0o4000)

    let context: CommandContext

    /// Whether asking makes sense: a person is there, and nothing else stands in the way.
    func isUseful(for port: Port) -> Bool {
        context.userID != 0 && context.mayAsk && PortPermission.isDenied(port.rawValue)
            && sudo != nil && program != nil
    }

    /// Runs `portless` with these arguments as root; true if it says that all went well.
    func run(_ arguments: [String], directory: StateDirectory) throws -> Bool {
        guard let command = command(arguments, directory: directory) else { return false }
        let runner = SystemCommandRunner(environment: context.environment)
        let result = try waiting { try await runner.run(command) }
        if !result.errorOutput.isEmpty {
            for line in result.errorOutput.split(separator: "\n") { context.console.say("\(line)") }
        }
        return result.isSuccess
    }

    /// Becomes `sudo portless …`, for a proxy that stays in the terminal.
    func become(_ arguments: [String], directory: StateDirectory) throws -> Never {
        guard let command = command(arguments, directory: directory) else {
            throw Failure("sudo isn't there.")
        }
        var spawn = Spawn(
            executable: FilePath(command.program),
            arguments: command.arguments,
            environment: context.environment,
        )
        spawn.keepsIgnoredSignals = true
        try spawn.replaceThisProcess()
    }

    /// What is run: all by absolute paths, with our own variables and no others.
    func command(_ arguments: [String], directory: StateDirectory) -> Command? {
        guard let sudo, let program else { return nil }
        let variables = context.environment
            .filter { $0.key.hasPrefix("PORTLESS_") && !$0.value.isEmpty }
            .merging(["PORTLESS_STATE_DIR": directory.path.string]) { $1 }
            .map { "\($0.key)=\($0.value)" }
        return Command(
            sudo.string,
            ["--", "/usr/bin/env"] + variables.sorted() + [program.string] + arguments,
            // A person looks for a password meanwhile.
            timeLimit: .seconds(180),
            mayPrompt: true,
        )
    }

    private var sudo: FilePath? {
        let path = context.environment["PATH", default: ""].split(separator: ":")
        let candidates = Self.usualPlaces + path.map { FilePath(String($0)).appending("sudo") }
        return candidates.first { candidate in
            guard candidate.isAbsolute, let status = try? FileStatus.of(candidate) else {
                return false
            }
            return status.owner.uid == 0 && status.permissions.contains(Self.setUserID)
        }
    }

    /// This program's own file; nil where another user could put another one in its place, or
    /// somebody already did.
    private var program: FilePath? {
        guard let installed = OwnExecutable.installedPath,
            let now = try? FileStatus.of(installed),
            let running = try? FileStatus.of(context.executable),
            now.device == running.device, now.inode == running.inode,
            ProgramSafety.isSafe(installed, for: context.userID)
        else { return nil }
        return installed
    }
}
