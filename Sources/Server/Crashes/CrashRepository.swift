import HostSystem
import Machine
import PortlessCore
import SystemPackage

/// Asks git about the repository of a process that has crashed.
struct CrashRepository {
    let runner: any CommandRunner
    let store: CrashStore

    /// Nil outside of repositories, and in those without a commit.
    func state(for record: CrashRecord) async -> CrashRecord.Repository? {
        guard let root = GitRepository.root(above: record.directory),
            let head = await head(of: root)
        else { return nil }
        var state = CrashRecord.Repository(
            root: root,
            head: head,
            branch: GitRepository.checkout(of: root)?.branch,
        )
        let good = store.good(record.app, record.process)
        state.goodHead = good?.head
        state.goodTime = good?.time
        // The commit may be gone, after a rebase for instance.
        var changed = await names(["diff", "--name-only", "-z", good?.head ?? head, "--"], root)
        if changed == nil {
            changed = await names(["diff", "--name-only", "-z", head, "--"], root)
        }
        let new = await names(["ls-files", "--others", "--exclude-standard", "-z"], root)
        let all = Set((changed ?? []) + (new ?? [])).sorted().filter { name in
            guard let good else { return true }
            return Self.isChanged(root.appending(name), since: good.time)
        }
        state.changed = Array(all.prefix(CrashRecord.mostChanged))
        state.more = all.count - state.changed.count
        return state
    }

    /// The commit that a folder's work tree stands at.
    func head(of folder: FilePath) async -> String? {
        guard let answer = await Git(runner, in: folder).ask(["rev-parse", "--verify", "HEAD"])
        else { return nil }
        let head = answer.prefix { !$0.isNewline }
        return head.allSatisfy(\.isHexDigit) && head.utf8.count >= 40 ? String(head) : nil
    }

    private func names(_ arguments: [String], _ root: FilePath) async -> [String]? {
        await Git(runner, in: root).ask(arguments)?.split(separator: "\0").map(String.init)
    }

    /// A file that is gone has changed, too.
    private static func isChanged(_ file: FilePath, since time: Timestamp) -> Bool {
        guard let status = try? FileStatus.of(file, followingLinks: false) else { return true }
        return status.modified / 1000 > time.microseconds
    }
}

/// Runs git in a folder, without the programs that a repository's configuration names.
struct Git {
    private let runner: any CommandRunner
    private let place: [String]

    init(_ runner: any CommandRunner, in folder: FilePath) {
        self.runner = runner
        place = ["-C", folder.string]
    }

    /// With a repository that isn't looked for: a work tree's own files can't name another one.
    init(_ runner: any CommandRunner, repository: FilePath, tree: FilePath) {
        self.runner = runner
        place = ["--git-dir=\(repository)", "--work-tree=\(tree)", "-C", tree.string]
    }

    private static let patience = Duration.seconds(120)
    private static let settings = [
        "core.hooksPath=/dev/null", "core.fsmonitor=false", "core.quotePath=false",
        "core.attributesFile=/dev/null", "submodule.recurse=false",
    ]

    func run(
        _ arguments: [String],
        within limit: Duration = .seconds(10),
        holding lock: HeldLock? = nil,
    ) async -> Result<CommandResult, CommandError> {
        let command = Command(
            "git",
            Self.settings.flatMap { ["-c", $0] } + place + arguments,
            timeLimit: limit,
            standardInput: lock?.descriptor.rawValue,
        )
        do {
            return .success(try await runner.run(command))
        } catch {
            return .failure(error)
        }
    }

    /// The output; nil where git refuses.
    func ask(_ arguments: [String]) async -> String? {
        guard case .success(let result) = await run(arguments), result.isSuccess else { return nil }
        return result.output
    }

    /// Throws git's complaint.
    func perform(_ arguments: [String]) async throws(GitFailure) {
        try Self.check(await run(arguments, within: Self.patience))
    }

    /// As `perform`, but git isn't ended with the caller's task, only after its time limit.
    ///
    /// It holds the lock, too, so that this is free only once git has ended, whatever becomes of
    /// this process.
    func performUninterrupted(
        _ arguments: [String],
        holding lock: HeldLock?,
    ) async throws(GitFailure) {
        let task = Task { await run(arguments, within: Self.patience, holding: lock) }
        try Self.check(await task.value)
    }

    private static func check(
        _ result: Result<CommandResult, CommandError>
    ) throws(GitFailure) {
        switch result {
        case .success(let result) where result.isSuccess: return
        case .success(let result): throw GitFailure(reason: result.complaint)
        case .failure(let error): throw GitFailure(reason: "\(error)")
        }
    }
}

struct GitFailure: Error {
    let reason: String
}
