import HostSystem
import Machine
import PortlessCore
import SystemPackage

/// Puts a staged patch into the user's files, and takes it back if the process then doesn't run.
///
/// If the server ends meanwhile, the next one goes on from what is in the files.
struct PatchApplication {
    let watcher: CrashWatcher
    let services: ServerServices
    /// Held by git, too, while it changes files; nil where files can't be locked.
    let lock: HeldLock?

    /// How long the process has to run after its restart.
    private static let trial = Duration.seconds(3)
    /// How long it may take to get there.
    private static let patience = Duration.seconds(30)
    private static let pause = Duration.milliseconds(200)

    func apply(_ crash: CrashRecord) async throws -> CrashRecord {
        var record = crash
        let files = try await check(record)
        watcher.tell(&record, .applying, "The patch is being applied.")
        do {
            try await files.apply(holding: lock)
        } catch {
            // git changes all files or none, unless it is ended half-way.
            await settle(&record, files, "git couldn't apply it: \(error.reason).")
            if record.patch?.state == .staged {
                throw Self.conflict("git couldn't apply the patch: \(error.reason).")
            }
            return record
        }
        await prove(&record, files)
        return record
    }

    /// Goes on with a patch that an earlier server was applying; git has ended by now.
    func resume(_ crash: CrashRecord) async {
        var record = crash
        guard let files = try? files(of: record) else {
            return watcher.tell(
                &record,
                .applied,
                "The server ended while it applied the patch, which is gone. git diff tells.",
            )
        }
        await settle(&record, files, "The server ended before the patch was in the files.")
    }

    /// Finds out what of the patch is in the files: all of it is proved, a part is taken back.
    private func settle(_ record: inout CrashRecord, _ files: PatchedFiles, _ reason: String) async
    {
        switch await files.standing() {
        case .present: return await prove(&record, files)
        case .absent: return watcher.tell(&record, .staged, reason)
        case .partial(let torn) where torn.isEmpty:
            watcher.tell(&record, .staged, "\(reason) What was in the files was taken back.")
        case .partial(let torn):
            let names = torn.joined(separator: ", ")
            watcher.tell(
                &record,
                .failed,
                "\(reason) \(names) has a part of it: git diff shows it, git checkout takes it back.",
            )
        case .unknown(let complaint):
            watcher.tell(&record, .applied, "\(reason) git diff tells, but now: \(complaint).")
        }
    }

    /// Restarts the process, and takes the patch back if it doesn't run then.
    private func prove(_ record: inout CrashRecord, _ files: PatchedFiles) async {
        guard let failure = await restart(record) else {
            return watcher.tell(
                &record,
                .applied,
                "The patch is in the files, and \(record.process) runs.",
            )
        }
        // A server that ends tells nothing about the process; the next one restarts it again.
        guard !Task.isCancelled else { return }
        do {
            try await files.takeBack(holding: lock)
            watcher.tell(&record, .reverted, "\(failure) The patch was taken back.")
            _ = try? await services.supervisor.restart(record.app, record.process)
        } catch {
            watcher.tell(
                &record,
                .applied,
                "\(failure) The patch couldn't be taken back: \(error.reason). git diff shows it.",
            )
        }
    }

    private func files(of record: CrashRecord) throws -> PatchedFiles {
        guard let root = record.repository?.root else {
            throw Problem(409, code: "NO_PATCH", "No patch waits for this crash.")
        }
        let patch = watcher.store.patchFile(record.id)
        do {
            let bytes = try AtomicFile.read(patch, limit: PatchCheck.mostBytes)
            return PatchedFiles(
                git: Git(services.runner, in: root),
                root: root,
                patch: patch,
                names: try PatchCheck(bytes).files,
            )
        } catch {
            throw Problem(409, code: "NO_PATCH", "The patch can't be used: \(error)")
        }
    }

    /// The patch's files, once everything fits.
    private func check(_ record: CrashRecord) async throws -> PatchedFiles {
        guard record.patch?.state == .staged else {
            throw Problem(409, code: "NO_PATCH", "No patch waits for this crash.")
        }
        let files = try files(of: record)
        let status = await files.git.ask(
            ["status", "--porcelain", "-z", "--no-renames", "--"]
                + files.names.map(PatchedFiles.pathspec)
        )
        guard let status else {
            throw Self.conflict("git doesn't tell the state of \(files.root).")
        }
        let dirty = status.split(separator: "\0").map { $0.dropFirst(3) }
        guard dirty.isEmpty else {
            throw Self.conflict(
                """
                \(dirty.joined(separator: ", ").visibleLine) has changes that aren't committed. Commit \
                or stash them first.
                """
            )
        }
        if let complaint = await files.complaint() {
            throw Self.conflict("The files have changed since the patch was made: \(complaint).")
        }
        return files
    }

    /// Restarts the process; why it doesn't run then, or nil.
    private func restart(_ record: CrashRecord) async -> String? {
        let start = Timestamp.now
        do {
            let outcomes = try await services.supervisor.restart(record.app, record.process)
            if let error = outcomes.lazy.compactMap(\.error).first { return error }
        } catch {
            return "\(error)"
        }
        let end = ContinuousClock.now + Self.patience
        var since: ContinuousClock.Instant?
        while ContinuousClock.now < end {
            let process = try? await services.supervisor.app(record.app).process(record.process)
            guard let process else { return "\(record.process) is gone." }
            if let exit = process.lastExit, exit.time > start, !exit.wasRequested {
                return "After its restart it \(exit.phrase)."
            }
            if process.state == .errored { return process.reason ?? "It couldn't be started." }
            if process.state == .online {
                since = since ?? .now
                if let since, since.duration(to: .now) >= Self.trial { return nil }
            } else {
                since = nil
            }
            guard (try? await Task.sleep(for: Self.pause)) != nil else {
                return "The server ended meanwhile."
            }
        }
        // One that runs without listening yet is no failure.
        let process = try? await services.supervisor.app(record.app).process(record.process)
        return process?.identity == nil ? "It didn't start." : nil
    }

    private static func conflict(_ sentence: String) -> Problem {
        Problem(409, code: "PATCH_CONFLICT", sentence)
    }
}
