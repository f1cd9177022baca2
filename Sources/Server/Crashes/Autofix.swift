import HostSystem
import Machine
import PortlessCore
import Runner
import SystemPackage

/// Has the user's command repair a crash in a copy of the repository that is thrown away, and keeps
/// its diff.
struct Autofix {
    let watcher: CrashWatcher
    let services: ServerServices

    private var store: CrashStore { watcher.store }

    /// Why there is no patch.
    private struct Obstacle: Error {
        var state = CrashPatch.State.failed
        let sentence: String
    }

    /// Whether autofix hasn't worked on a crash of this process lately.
    func isDue(_ record: CrashRecord) -> Bool {
        Self.isDue(record, after: store.records(), now: .now)
    }

    static func isDue(_ record: CrashRecord, after others: [CrashRecord], now: Timestamp) -> Bool {
        !others.contains { other in
            other.app == record.app && other.process == record.process
                && other.patch?.isRecent(at: now) == true
        }
    }

    // MARK: One crash

    func fix(_ crash: CrashRecord, _ settings: CrashSettings.Autofix) async {
        var record = crash
        tell(&record, .working, "\(settings.command[0]) works on it.")
        let work = store.workFolder(record.id)
        do {
            guard let root = record.repository?.root else {
                throw Obstacle(
                    state: .refused,
                    sentence: """
                        \(record.app) isn't in a git repository, so there is no copy of it to work in.
                        """,
                )
            }
            let diff = try await diff(for: record, root, work, settings)
            let check: PatchCheck
            do throws(PatchCheck.Refusal) {
                check = try PatchCheck(diff)
            } catch {
                throw Obstacle(state: .refused, sentence: error.description)
            }
            if let verify = settings.verify {
                try await self.verify(verify, settings, record, work)
            }
            // A patch without a record would never be removed.
            guard store.record(record.id) != nil else { return clear(root, work) }
            try AtomicFile.write(diff, to: store.patchFile(record.id), mode: .ownerReadWrite)
            clear(root, work)
            record.patch?.files = check.files
            record.patch?.bytes = Int64(diff.count)
            let files = check.files.count == 1 ? check.files[0] : "\(check.files.count) files"
            let verified = settings.verify == nil ? "" : " It was verified."
            tell(&record, .staged, "A patch of \(files) waits for you.\(verified)")
        } catch {
            clear(record.repository?.root, work)
            guard !Task.isCancelled else {
                return tell(&record, .failed, "The server ended meanwhile.")
            }
            let obstacle = error as? Obstacle
            tell(&record, obstacle?.state ?? .failed, obstacle?.sentence ?? "\(error)")
        }
    }

    private func tell(_ record: inout CrashRecord, _ state: CrashPatch.State, _ sentence: String) {
        var patch = CrashPatch(state, sentence.visibleLine, at: .now)
        patch.files = record.patch?.files ?? []
        patch.bytes = record.patch?.bytes
        record.patch = patch
        watcher.update(record)
    }

    /// Runs the command in a new work tree of the present commit, and returns what it has changed.
    private func diff(
        for record: CrashRecord,
        _ root: FilePath,
        _ work: FilePath,
        _ settings: CrashSettings.Autofix,
    ) async throws -> [UInt8] {
        let git = Git(services.runner, in: root)
        let tree = work.appending("tree")
        try? FileSystem.removeTree(work)
        _ = try FileSystem.makeDirectory(work, mode: .ownerReadWriteExecute)
        try AtomicFile.write(root.string.utf8, to: work.appending("root"), mode: .ownerReadWrite)
        do {
            try await git.perform(["worktree", "add", "--detach", tree.string, "HEAD"])
        } catch {
            throw Obstacle(sentence: "git couldn't make a work tree: \(error.reason).")
        }
        guard
            let answer = await Git(services.runner, in: tree).ask([
                "rev-parse", "--absolute-git-dir",
            ])
        else { throw Obstacle(sentence: "git doesn't know its own work tree.") }
        let repository = FilePath(String(answer.prefix { !$0.isNewline }))
        // The command may commit what it changes.
        let base = await CrashRepository(runner: services.runner, store: store).head(of: tree)
        guard let base else {
            throw Obstacle(sentence: "git doesn't know the commit of its own work tree.")
        }
        let input = work.appending("input")
        try AtomicFile.write(CrashPrompt(record).text.utf8, to: input, mode: .ownerReadWrite)
        let outcome = try await run(settings.command, settings, record, work, input: input)
        guard outcome == .ended(0) else {
            throw Obstacle(
                sentence: "\(settings.command[0]) \(outcome.phrase(settings.timeout)).\(said(work))"
            )
        }
        let own = Git(services.runner, repository: repository, tree: tree)
        let file = work.appending("diff")
        do {
            try await own.perform(["add", "--all"])
            try await own.perform([
                "diff", "--cached", "--binary", "--no-renames", "--no-ext-diff", "--no-textconv",
                "--no-color", "--src-prefix=a/", "--dst-prefix=b/", "--unified=3",
                "--output=\(file)", base,
            ])
        } catch {
            throw Obstacle(sentence: "git couldn't tell what was changed: \(error.reason).")
        }
        return try read(file)
    }

    private func read(_ diff: FilePath) throws -> [UInt8] {
        guard let bytes = try? AtomicFile.read(diff, limit: PatchCheck.mostBytes) else {
            throw Obstacle(
                state: .refused,
                sentence: "The diff has more than \(PatchCheck.mostBytes) bytes, or can't be read.",
            )
        }
        return bytes
    }

    private func verify(
        _ command: [String],
        _ settings: CrashSettings.Autofix,
        _ record: CrashRecord,
        _ work: FilePath,
    ) async throws {
        let outcome = try await run(command, settings, record, work, input: "/dev/null")
        guard outcome == .ended(0) else {
            throw Obstacle(
                sentence: """
                    The patch isn't verified: \(command[0]) \(outcome.phrase(settings.timeout)).\
                    \(said(work))
                    """
            )
        }
    }

    private func run(
        _ command: [String],
        _ settings: CrashSettings.Autofix,
        _ record: CrashRecord,
        _ work: FilePath,
        input: FilePath,
    ) async throws -> FixProcess.Outcome {
        do {
            return try await FixProcess(
                command: command,
                environment: FixProcess.stripped(services.environment),
                folder: work.appending("tree"),
                input: input,
                output: work.appending("output"),
                record: work.appending("process"),
                timeout: settings.timeout,
            ).run()
        } catch {
            throw Obstacle(sentence: "\(command[0]) couldn't be started: \(error).")
        }
    }

    /// The last line that the command printed, as the end of a sentence.
    private func said(_ work: FilePath) -> String {
        guard let bytes = try? AtomicFile.read(work.appending("output"), limit: 1 << 20) else {
            return ""
        }
        let last = String(decoding: bytes.suffix(4000), as: UTF8.self)
            .split(whereSeparator: \.isNewline).last { !$0.allSatisfy(\.isWhitespace) }
        return last.map { " Its last line: \($0.prefix(300))" } ?? ""
    }

    // MARK: Clearing away

    /// Without git, which a server that is about to end can't wait for.
    private func clear(_ root: FilePath?, _ work: FilePath) {
        try? FileSystem.removeTree(work)
        guard let root else { return }
        WorktreeMetadata.removeStale(of: root, tree: work.appending("tree"))
    }

    /// Removes what a server that was killed has left: its command's processes and work trees.
    func clearAway() {
        for (id, work) in store.workFolders() {
            if let bytes = try? AtomicFile.read(work.appending("process")),
                let entry = (try? JSONValue(parsing: bytes))?.object,
                let leader = ProcessIdentity(entry: entry)
            {
                var termination = Termination(root: leader)
                termination.send(.kill)
            }
            let root = (try? AtomicFile.read(work.appending("root")))
                .map { FilePath(String(decoding: $0, as: UTF8.self)) }
            try? FileSystem.removeTree(work)
            if let root { WorktreeMetadata.removeStale(of: root, tree: work.appending("tree")) }
            guard var record = store.record(id), record.patch?.state == .working else { continue }
            tell(&record, .failed, "The server ended meanwhile.")
        }
        for var record in store.records() {
            switch record.patch?.state {
            case .working: tell(&record, .failed, "The server ended meanwhile.")
            case .applying:
                tell(
                    &record,
                    .applied,
                    """
                    The server ended while it applied the patch, which may be in the files: git diff \
                    tells.
                    """,
                )
            default: continue
            }
        }
    }
}

/// What git remembers of a work tree whose folder is gone.
enum WorktreeMetadata {
    /// Removes it without git, which may hang, before the server serves.
    static func removeStale(of root: FilePath, tree: FilePath) {
        guard let repository = GitRepository.checkout(of: root)?.repository else { return }
        let folder = repository.appending("worktrees")
        // The end of the path alone: git resolves links on the way to the state directory.
        let end = "/\(tree.removingLastComponent().lastComponent?.string ?? "")/tree/.git"
        for name in DirectoryListing.names(folder, limit: 10_000) {
            let file = folder.appending(name).appending("gitdir")
            guard let bytes = try? AtomicFile.read(file, limit: FileLimit.line),
                String(decoding: bytes, as: UTF8.self).prefix(while: { !$0.isNewline }).hasSuffix(
                    end
                )
            else { continue }
            try? FileSystem.removeTree(folder.appending(name))
        }
    }
}
