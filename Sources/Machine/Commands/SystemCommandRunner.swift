import CLibrary
import HostSystem
import Subprocess

// Subprocess speaks Apple's System on macOS and swift-system elsewhere. The types of both have the same
// names, so none of them leaves this file: paths go in and out as text.
#if canImport(System)
import System
#else
import SystemPackage
#endif

/// Runs system tools for real, in the C locale, and gives up on those that hang.
package struct SystemCommandRunner: CommandRunner {
    private static let outputLimit = 1 << 20

    private let environment: [String: String]
    /// Whether tools run as root with a `PATH` that may be the user's: macOS's sudo keeps it.
    private let isRootForUser: Bool

    package init(environment: [String: String]) {
        self.environment = environment
        isRootForUser =
            UserAccount.realID == 0 && !["", "0"].contains(environment["SUDO_UID", default: ""])
    }

    package func has(_ program: String) -> Bool {
        locate(program) != nil
    }

    package func run(_ command: Command) async throws(CommandError) -> CommandResult {
        guard let path = locate(command.program) else {
            throw .notFound(program: command.program)
        }
        let command = try located(command)
        let outcome = await withTaskGroup(of: Result<CommandResult, CommandError>.self) { group in
            group.addTask { await execute(command, at: path) }
            group.addTask {
                try? await Task.sleep(for: command.timeLimit)
                return .failure(.timedOut(command))
            }
            let first = await group.next()
            group.cancelAll()
            return first
        }
        guard let outcome else { throw .timedOut(command) }
        return try outcome.get()
    }

    private func execute(
        _ command: Command,
        at path: String,
    ) async -> Result<CommandResult, CommandError> {
        do {
            let result = try await Subprocess.run(
                .path(.init(path)),
                arguments: Arguments(command.arguments),
                environment: .custom(variables),
                platformOptions: options(for: command),
                input: try input(of: command),
                output: .bytes(limit: Self.outputLimit),
                error: .bytes(limit: Self.outputLimit),
            )
            return .success(
                CommandResult(
                    exitCode: Self.exitCode(result.terminationStatus),
                    output: String(decoding: result.standardOutput, as: UTF8.self),
                    errorOutput: String(decoding: result.standardError, as: UTF8.self),
                )
            )
        } catch {
            return .failure(.failedToStart(command, reason: "\(error)"))
        }
    }

    private func input(of command: Command) throws -> FileDescriptorInput {
        if let descriptor = command.standardInput {
            return .fileDescriptor(
                FileDescriptor(rawValue: descriptor),
                closeAfterSpawningProcess: false,
            )
        }
        guard !command.mayPrompt else {
            return .fileDescriptor(.standardInput, closeAfterSpawningProcess: false)
        }
        return .fileDescriptor(
            try .open("/dev/null", .readOnly),
            closeAfterSpawningProcess: true,
        )
    }

    /// A tool that may not prompt gets a session of its own, without a terminal to ask at.
    private func options(for command: Command) -> PlatformOptions {
        var options = PlatformOptions()
        options.createSession = !command.mayPrompt
        #if canImport(Darwin)
        // Root that handles files as a user is root again for the tools that it runs.
        if isRootForUser { (options.userID, options.groupID) = (0, 0) }
        #endif
        options.teardownSequence = [
            .send(
                signal: .kill,
                toProcessGroup: !command.mayPrompt,
                allowedDurationToNextStep: .milliseconds(200),
            )
        ]
        return options
    }

    private static func exitCode(_ status: TerminationStatus) -> Int32 {
        switch status {
        case .exited(let code): Int32(code)
        case .signaled(let signal): 128 + Int32(signal)
        }
    }

    /// In a git hook they speak of the hook's repository, whichever folder git is asked about.
    private static let hookVariables = [
        "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX",
        "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE",
    ]

    private var variables: [Subprocess.Environment.Key: String] {
        var variables: [Subprocess.Environment.Key: String] = [:]
        for (name, value) in environment {
            variables[.init(stringLiteral: name)] = value
        }
        for name in Self.hookVariables { variables[.init(stringLiteral: name)] = nil }
        variables["LC_ALL"] = "C"
        variables["PATH"] = searchPath.joined(separator: ":")
        return variables
    }

    /// `PATH` often lacks the directories of the tools for certificates.
    private var searchPath: [String] {
        if isRootForUser { return RootProgram.folders(environment["PATH"]) }
        let own = (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
        let missing = ["/usr/sbin", "/sbin"].filter { !own.contains($0[...]) }
        return own.map(String.init) + missing
    }

    /// The command with the absolute path of the tool that sudo runs as root.
    private func located(_ command: Command) throws(CommandError) -> Command {
        guard let tool = command.toolUnderSudo else { return command }
        guard let path = RootProgram.find(tool, path: environment["PATH"]) else {
            throw .notFound(program: tool)
        }
        return command.replacingToolUnderSudo(by: path.string)
    }

    private func locate(_ program: String) -> String? {
        if program == Command.sudo { return RootProgram.sudo(path: environment["PATH"])?.string }
        if isRootForUser {
            return RootProgram.find(program, path: environment["PATH"])?.string
        }
        let candidates =
            program.contains("/") ? [program] : searchPath.map { "\($0)/\(program)" }
        return candidates.first { access($0, X_OK) == 0 }
    }
}
