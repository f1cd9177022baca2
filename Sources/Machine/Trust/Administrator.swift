/// How commands that need root can run: in this process, or by sudo if a user can be asked.
package struct Administrator: Sendable {
    package let isRoot: Bool
    /// Whether there is a terminal at which sudo may ask the user.
    package let mayAsk: Bool
    package let runner: any CommandRunner

    enum Refusal: Error, CustomStringConvertible {
        case cannotAsk
        case failed(String)

        var description: String {
            switch self {
            case .cannotAsk: "it needs root, and there is no terminal to ask for a password at"
            case .failed(let reason): reason
            }
        }
    }

    /// Runs a command that changes the machine; `needsRoot` is false if this user may do it.
    func run(_ command: Command, needsRoot: Bool = true) async throws(Refusal) {
        guard isRoot || !needsRoot || mayAsk else { throw .cannotAsk }
        try await runner.perform(isRoot || !needsRoot ? command : command.underSudo)
    }

    /// The command as the user would type it.
    func byHand(_ command: Command, needsRoot: Bool = true) -> Command {
        needsRoot ? Command("sudo", [command.program] + command.arguments) : command
    }
}

extension CommandRunner {
    /// Runs a command that has to succeed.
    func perform(_ command: Command) async throws(Administrator.Refusal) {
        let result: CommandResult
        do {
            result = try await run(command)
        } catch {
            throw .failed(error.description)
        }
        guard result.isSuccess else {
            throw .failed("`\(command)` failed (\(result.complaint))")
        }
    }
}
