import Subprocess

// Subprocess speaks Apple's System on macOS and swift-system elsewhere.
#if canImport(System)
import System
#else
import SystemPackage
#endif
#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Runs system tools for real, in the C locale, and gives up on those that hang.
package struct SystemCommandRunner: CommandRunner {
    private static let outputLimit = 1 << 20

    private let environment: [String: String]

    package init(environment: [String: String]) {
        self.environment = environment
    }

    package func has(_ program: String) -> Bool {
        locate(program) != nil
    }

    package func run(_ command: Command) async throws(CommandError) -> CommandResult {
        guard let path = locate(command.program) else {
            throw .notFound(program: command.program)
        }
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
                input: command.mayPrompt
                    ? .fileDescriptor(.standardInput, closeAfterSpawningProcess: false)
                    : .fileDescriptor(
                        try .open("/dev/null", .readOnly),
                        closeAfterSpawningProcess: true,
                    ),
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

    /// A tool that may not prompt gets a session of its own: without a terminal to open, neither it
    /// nor what it starts can ask for anything.
    private func options(for command: Command) -> PlatformOptions {
        var options = PlatformOptions()
        options.createSession = !command.mayPrompt
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

    private var variables: [Subprocess.Environment.Key: String] {
        var variables: [Subprocess.Environment.Key: String] = [:]
        for (name, value) in environment {
            variables[.init(stringLiteral: name)] = value
        }
        variables["LC_ALL"] = "C"
        variables["PATH"] = searchPath.joined(separator: ":")
        return variables
    }

    /// Users often lack the directories where the tools of certificates are.
    private var searchPath: [String] {
        let own = (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
        let missing = ["/usr/sbin", "/sbin"].filter { !own.contains($0[...]) }
        return own.map(String.init) + missing
    }

    private func locate(_ program: String) -> String? {
        let candidates =
            program.contains("/") ? [program] : searchPath.map { "\($0)/\(program)" }
        return candidates.first { access($0, X_OK) == 0 }
    }
}
