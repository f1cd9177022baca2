import HostSystem
import Machine
import PortlessCore
import SystemPackage

/// Runs this program as root through sudo, where a person at the terminal can allow it.
///
/// Everything that root runs is named by an absolute path and can't be replaced by other users.
struct Elevation {
    let context: CommandContext

    /// Whether asking makes sense: a person is there, and nothing else stands in the way.
    var isPossible: Bool {
        context.userID != 0 && context.mayAsk && sudo != nil && program != nil
    }

    /// Whether it also would help to listen on the port.
    func isUseful(for port: Port) -> Bool {
        isPossible && context.isPortDenied(port.rawValue)
    }

    /// Runs `portless` with these arguments as root; true if it says that all went well.
    func run(_ arguments: [String], directory: StateDirectory) throws -> Bool {
        guard let command = command(arguments, directory: directory) else { return false }
        return try perform(command).isSuccess
    }

    /// Tells what is going to be run and runs it, with its data on standard output.
    ///
    /// The result is its exit code, nil where that isn't possible, or where this is root already.
    func runAnnounced(_ arguments: [String]) throws -> Int32? {
        guard isPossible,
            let command = command(arguments, directory: try context.stateDirectory())
        else { return nil }
        context.console.say("This needs an administrator: \(command)")
        let result = try perform(command)
        for line in result.output.split(separator: "\n") { context.console.print("\(line)") }
        return result.exitCode
    }

    private func perform(_ command: Command) throws -> CommandResult {
        let result = try waiting { [context] in try await context.runner.run(command) }
        for line in result.errorOutput.split(separator: "\n") { context.console.say("\(line)") }
        return result
    }

    /// Becomes `sudo portless …`, for a proxy that stays in the terminal.
    func become(_ arguments: [String], directory: StateDirectory) throws -> Never {
        guard let sudo, let command = command(arguments, directory: directory) else {
            throw Failure("sudo isn't there.")
        }
        var spawn = Spawn(
            executable: sudo,
            arguments: command.arguments,
            environment: context.environment,
        )
        spawn.keepsIgnoredSignals = true
        try spawn.replaceThisProcess()
    }

    /// What is run: all by absolute paths, with our own variables and no others, and none that name
    /// what root is to change or to run.
    func command(_ arguments: [String], directory: StateDirectory) -> Command? {
        guard let program else { return nil }
        let variables = context.environment
            .filter { $0.key.hasPrefix("PORTLESS_") && !$0.value.isEmpty }
            .filter { !$0.key.hasPrefix("PORTLESS_TRUST_") && !$0.key.hasSuffix("_ROOT") }
            .merging(["PORTLESS_STATE_DIR": directory.path.string]) { $1 }
            .map { "\($0.key)=\($0.value)" }
        return Command("/usr/bin/env", variables.sorted() + [program.string] + arguments)
            .underSudo
    }

    private var sudo: FilePath? { RootProgram.sudo(path: context.environment["PATH"]) }

    /// This program's own file; nil where another user could put another one in its place, or
    /// has done so already.
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
