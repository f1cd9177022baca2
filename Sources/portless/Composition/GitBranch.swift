import HostSystem
import Machine
import SystemPackage

/// Asks git itself, for repositories that don't keep their references in files.
enum GitBranch {
    /// The branch that is checked out in a work tree; nil without one, or without git.
    static func checkedOut(in folder: FilePath, environment: [String: String]) -> String? {
        var own = environment
        // A hook's variables speak of the repository that the hook belongs to.
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] { own[name] = nil }
        let runner = SystemCommandRunner(environment: own)
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
