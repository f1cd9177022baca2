import HostSystem
import Machine
import PortlessCore
import SystemPackage

/// Puts a staged patch into the user's files, and takes it back if the process then doesn't run.
struct PatchApplication {
    let watcher: CrashWatcher
    let services: ServerServices

    /// How long the process has to run after its restart.
    private static let trial = Duration.seconds(3)
    /// How long it may take to get there.
    private static let patience = Duration.seconds(30)
    private static let pause = Duration.milliseconds(200)

    func apply(_ crash: CrashRecord) async throws -> CrashRecord {
        var record = crash
        let (patch, root) = try await check(record)
        let git = Git(services.runner, in: root)
        tell(&record, .applying, "The patch is being applied.")
        do {
            try await git.performUninterrupted(["apply", "--whitespace=nowarn", patch.string])
        } catch {
            tell(&record, .staged, "git couldn't apply it: \(error.reason).")
            throw Self.conflict("git couldn't apply the patch: \(error.reason).")
        }
        let failure = await restart(record)
        guard let failure else {
            tell(&record, .applied, "The patch is in the files, and \(record.process) runs.")
            return record
        }
        // A server that ends tells nothing about the process.
        guard !Task.isCancelled else {
            tell(
                &record,
                .applied,
                """
                The server ended before \(record.process) had run for a while. The patch is in the \
                files: git diff shows it.
                """,
            )
            return record
        }
        do {
            try await git.performUninterrupted([
                "apply", "--reverse", "--whitespace=nowarn", patch.string,
            ])
            tell(&record, .reverted, "\(failure) The patch was taken back.")
            _ = try? await services.supervisor.restart(record.app, record.process)
        } catch {
            tell(
                &record,
                .applied,
                "\(failure) The patch couldn't be taken back: \(error.reason). git diff shows it.",
            )
        }
        return record
    }

    /// The patch's file and the repository, once everything fits.
    private func check(_ record: CrashRecord) async throws -> (patch: FilePath, root: FilePath) {
        guard record.patch?.state == .staged, let root = record.repository?.root else {
            throw Problem(409, code: "NO_PATCH", "No patch waits for this crash.")
        }
        let file = watcher.store.patchFile(record.id)
        let checked: PatchCheck
        do {
            checked = try PatchCheck(AtomicFile.read(file, limit: PatchCheck.mostBytes))
        } catch {
            throw Problem(409, code: "NO_PATCH", "The patch can't be used: \(error)")
        }
        let git = Git(services.runner, in: root)
        let status = await git.ask(
            ["status", "--porcelain", "-z", "--no-renames", "--"]
                + checked.files.map { ":(top,literal)\($0)" }
        )
        guard let status else {
            throw Self.conflict("git doesn't tell the state of \(root).")
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
        let fits = await git.run(["apply", "--check", "--whitespace=nowarn", file.string])
        guard case .success(let result) = fits, result.isSuccess else {
            let reason = (try? fits.get())?.complaint.visibleLine ?? "git gave no answer"
            throw Self.conflict("The files have changed since the patch was made: \(reason).")
        }
        return (file, root)
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

    private func tell(_ record: inout CrashRecord, _ state: CrashPatch.State, _ sentence: String) {
        var patch = CrashPatch(state, sentence.visibleLine, at: .now)
        patch.files = record.patch?.files ?? []
        patch.bytes = record.patch?.bytes
        record.patch = patch
        watcher.update(record)
    }

    private static func conflict(_ sentence: String) -> Problem {
        Problem(409, code: "PATCH_CONFLICT", sentence)
    }
}
