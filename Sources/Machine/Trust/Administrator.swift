/// Who may do what needs root: this process, somebody at the terminal through sudo, or nobody.
package struct Administrator: Sendable {
    package let isRoot: Bool
    /// Whether there is a terminal with a person who may be asked.
    package let mayAsk: Bool
    package let runner: any CommandRunner

    package init(isRoot: Bool, mayAsk: Bool, runner: any CommandRunner) {
        self.isRoot = isRoot
        self.mayAsk = mayAsk
        self.runner = runner
    }

    enum Refusal: Error, CustomStringConvertible {
        case nobodyToAsk
        case failed(String)

        var description: String {
            switch self {
            case .nobodyToAsk: "it needs root, and there is no terminal to ask for a password at"
            case .failed(let reason): reason
            }
        }
    }

    /// Runs a command that changes the machine; `needsRoot` is false where this user may do it.
    func run(_ command: Command, needsRoot: Bool = true) async throws(Refusal) {
        guard isRoot || !needsRoot || mayAsk else { throw .nobodyToAsk }
        let actual = isRoot || !needsRoot ? command : command.underSudo
        let result: CommandResult
        do {
            result = try await runner.run(actual)
        } catch {
            throw .failed(error.description)
        }
        guard result.isSuccess else {
            throw .failed("`\(actual)` failed (\(result.complaint))")
        }
    }

    /// The command as it would be typed by a user.
    func byHand(_ command: Command, needsRoot: Bool = true) -> Command {
        needsRoot ? Command("sudo", [command.program] + command.arguments) : command
    }
}
