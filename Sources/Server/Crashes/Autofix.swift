import HostSystem
import Machine
import PortlessCore
import Runner
import SystemPackage

/// Has the user's command repair a crash in a copy of the repository that is thrown away, and keeps
/// its diff.
///
/// The command is a job, so it goes on when the server ends; the next server goes on with the rest.
struct Autofix {
    let watcher: CrashWatcher
    let services: ServerServices

    private var store: CrashStore { watcher.store }
    private var admission: JobAdmission { JobAdmission(services: services) }

    /// Why there is no patch.
    private struct Obstacle: Error {
        var state = CrashPatch.State.failed
        let sentence: String
    }

    /// Whether autofix hasn't worked on another crash of this process lately.
    func isDue(_ record: CrashRecord) -> Bool {
        Self.isDue(record, after: store.records(), now: .now)
    }

    static func isDue(_ record: CrashRecord, after others: [CrashRecord], now: Timestamp) -> Bool {
        !others.contains { other in
            other.id != record.id && other.app == record.app && other.process == record.process
                && other.patch?.isRecent(at: now) == true
        }
    }

    // MARK: One crash

    func fix(_ crash: CrashRecord, _ settings: CrashSettings.Autofix) async {
        var record = crash
        tell(&record, .working, "\(settings.command[0]) works on it.")
        guard let root = record.repository?.root else {
            return tell(
                &record,
                .refused,
                "\(record.app) isn't in a git repository, so there is no copy of it to work in.",
            )
        }
        await finish(&record, FixWork(root: root, settings: settings))
    }

    /// Goes on with the crashes that an earlier server has worked on, and removes what isn't needed.
    ///
    /// The crashes that it was done with.
    func resume() async -> [String] {
        var done: [String] = []
        // Those that another server has started since this one looked.
        await services.jobs?.findJobs()
        for (id, folder) in store.workFolders() where store.record(id)?.patch?.state != .working {
            clear(store.work(on: id)?.root, folder)
        }
        for record in store.records().reversed() where record.patch?.state == .working {
            guard !Task.isCancelled else { return done }
            var record = record
            if let work = store.work(on: record.id) {
                await finish(&record, work)
            } else if let settings = (try? store.settings())?.autofix {
                await fix(record, settings)
            } else {
                tell(&record, .failed, "Autofix was turned off before it had begun.")
            }
            done.append(record.id)
        }
        return done
    }

    private func finish(_ record: inout CrashRecord, _ start: FixWork) async {
        let folder = store.workFolder(record.id)
        do {
            var work = start
            if work.stage == .preparing { work = try await prepare(record, work, folder) }
            let file = folder.appending("diff")
            if work.stage == .repairing {
                let input = Array(CrashPrompt(record).text.utf8)
                try await run(work.settings.command, input: input, &record, &work)
                try await writeDiff(of: work, in: folder, to: file)
                // Before the verifying command, which may change more.
                (work.stage, work.job) = (.verifying, nil)
                try store.write(work, on: record.id)
            }
            let diff = try read(file)
            let check: PatchCheck
            do throws(PatchCheck.Refusal) {
                check = try PatchCheck(diff)
            } catch {
                throw Obstacle(state: .refused, sentence: error.description)
            }
            if let verify = work.settings.verify {
                try await run(verify, input: nil, &record, &work)
            }
            // A patch without a record would never be removed.
            guard store.record(record.id) != nil else { return clear(work.root, folder) }
            try AtomicFile.write(diff, to: store.patchFile(record.id), mode: .ownerReadWrite)
            clear(work.root, folder)
            record.patch?.files = check.files
            record.patch?.bytes = Int64(diff.count)
            let files = check.files.count == 1 ? check.files[0] : "\(check.files.count) files"
            let verified = work.settings.verify == nil ? "" : " It was verified."
            tell(&record, .staged, "A patch of \(files) waits for you.\(verified)")
        } catch {
            // The next server goes on.
            guard !Task.isCancelled else { return }
            clear(start.root, folder)
            let obstacle = error as? Obstacle
            tell(&record, obstacle?.state ?? .failed, obstacle?.sentence ?? "\(error)")
        }
    }

    private func tell(_ record: inout CrashRecord, _ state: CrashPatch.State, _ sentence: String) {
        watcher.tell(&record, state, sentence)
    }

    // MARK: The work tree

    /// Makes a new work tree of the present commit.
    private func prepare(
        _ record: CrashRecord,
        _ start: FixWork,
        _ folder: FilePath,
    ) async throws -> FixWork {
        var work = start
        let tree = folder.appending("tree")
        clear(work.root, folder)
        _ = try FileSystem.makeDirectory(folder, mode: .ownerReadWriteExecute)
        try store.write(work, on: record.id)
        do {
            try await Git(services.runner, in: work.root)
                .perform(["worktree", "add", "--detach", tree.string, "HEAD"])
        } catch {
            throw Obstacle(sentence: "git couldn't make a work tree: \(error.reason).")
        }
        guard
            let answer = await Git(services.runner, in: tree).ask([
                "rev-parse", "--absolute-git-dir",
            ])
        else { throw Obstacle(sentence: "git doesn't know its own work tree.") }
        work.metadata = FilePath(String(answer.prefix { !$0.isNewline }))
        // The command may commit what it changes.
        guard
            let base = await CrashRepository(runner: services.runner, store: store).head(of: tree)
        else { throw Obstacle(sentence: "git doesn't know the commit of its own work tree.") }
        work.base = base
        work.stage = .repairing
        try store.write(work, on: record.id)
        return work
    }

    private func writeDiff(
        of work: FixWork,
        in folder: FilePath,
        to file: FilePath,
    ) async throws {
        let own = Git(
            services.runner,
            repository: work.metadata,
            tree: folder.appending("tree"),
        )
        do {
            try await own.perform(["add", "--all"])
            try await own.perform([
                "diff", "--cached", "--binary", "--no-renames", "--no-ext-diff", "--no-textconv",
                "--no-color", "--src-prefix=a/", "--dst-prefix=b/", "--unified=3",
                "--output=\(file)", work.base,
            ])
        } catch {
            throw Obstacle(sentence: "git couldn't tell what was changed: \(error.reason).")
        }
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

    // MARK: The commands

    /// Runs the stage's command as a job, or waits for the job that an earlier server has started.
    private func run(
        _ command: [String],
        input: [UInt8]?,
        _ record: inout CrashRecord,
        _ work: inout FixWork,
    ) async throws {
        let name = (work.stage == .verifying ? "verify-" : "autofix-") + record.id
        let runner = try admission.runner
        let job: Job
        if let known = await knownJob(work.job?.description ?? name, runner) {
            job = known
        } else if work.job != nil {
            throw Obstacle(sentence: "The job of \(command[0]) was forgotten before it had ended.")
        } else {
            job = try await start(command, name, input, work, store.workFolder(record.id))
        }
        work.job = job.id
        try store.write(work, on: record.id)
        let task = work.stage == .verifying ? "verifies the patch" : "works on it"
        record.patch?.job = job.id
        tell(&record, .working, "\(command[0]) \(task): portless jobs logs -f \(name)")
        guard let ended = try await runner.wait(for: job.id) else { throw CancellationError() }
        // The command's end is a failure where the server's has cancelled the wait.
        try Task.checkCancellation()
        guard ended.state != .succeeded else { return }
        let said = await said(ended, runner)
        let phrase = ended.phrase(within: work.settings.timeout)
        throw Obstacle(
            sentence: work.stage == .verifying
                ? "The patch isn't verified: \(command[0]) \(phrase).\(said)"
                : "\(command[0]) \(phrase).\(said)"
        )
    }

    /// The job of a stage, unless its keeper was never started.
    private func knownJob(_ word: String, _ runner: JobRunner) async -> Job? {
        guard let job = try? await runner.job(word) else { return nil }
        guard job.state == .lost, job.exit == nil, job.startedAt == nil else { return job }
        try? await runner.forget(job.id)
        return nil
    }

    private func start(
        _ command: [String],
        _ name: String,
        _ input: [UInt8]?,
        _ work: FixWork,
        _ folder: FilePath,
    ) async throws -> Job {
        var wish = JobAdmission.Wish(
            command: command,
            directory: folder.appending("tree").string,
        )
        wish.name = name
        wish.input = input
        wish.timeLimit = work.settings.timeout
        wish.isClean = true
        wish.withheld = ["PORTLESS_STATE_DIR"]
        do {
            let job = try await admission.start(wish)
            await watcher.features.use(.jobs)
            return job
        } catch {
            try Task.checkCancellation()
            let reason = (error as? Problem)?.detail ?? "\(error)"
            throw Obstacle(sentence: "\(command[0]) couldn't be started: \(reason)")
        }
    }

    /// The last line that a job printed, as the end of a sentence.
    private func said(_ job: Job, _ runner: JobRunner) async -> String {
        let lines = try? await runner.output(of: job.id, last: 50)
        let last = lines?.reversed().first { line in
            line.stream != .note && !line.text.allSatisfy(\.isWhitespace)
        }
        return last.map { " Its last line: \($0.text.prefix(300))" } ?? ""
    }

    // MARK: Clearing away

    /// Without git, which may hang.
    private func clear(_ root: FilePath?, _ folder: FilePath) {
        try? FileSystem.removeTree(folder)
        guard let root else { return }
        WorktreeMetadata.removeStale(of: root, tree: folder.appending("tree"))
    }
}

extension String {
    fileprivate var trimmingPeriod: String { hasSuffix(".") ? String(dropLast()) : self }
}

extension Job {
    /// How a job that didn't succeed has ended, after its name.
    fileprivate func phrase(within limit: Duration) -> String {
        switch state {
        case .timedOut: "didn't end within \(limit.components.seconds) s and was ended"
        case .stopped: "was stopped"
        case .lost: "was lost with its keeper, so how it ended isn't known"
        default:
            exit?.phrase ?? "couldn't be started: \((reason ?? "why isn't known").trimmingPeriod)"
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
