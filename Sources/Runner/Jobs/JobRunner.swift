import HostSystem
package import PortlessCore
import SystemPackage

/// Runs commands once, each under a keeper of its own, which outlives this process.
///
/// A job is a plan of one process without restarts, in the folder `jobs/<id>/`.
package actor JobRunner {
    /// How long a job may take to end after SIGTERM.
    private static let killTimeout = Duration.seconds(5)
    /// The size of the output that is kept: four parts of this many bytes, without the oldest lines.
    private static let logSize: Int64 = 4 << 20
    /// How many jobs that have ended are remembered.
    package static let historyLimit = 200
    /// Each has a keeper and a process, with their descriptors.
    private static let activeLimit = 100
    private static let process = "job"

    private let directory: StateDirectory
    private let supervisor: Supervisor
    private var records: [AppName: JobRecord] = [:]
    /// The jobs that are being handed to their keepers.
    private var starting: Set<AppName> = []

    package init(
        directory: StateDirectory,
        launchKeeper: @escaping Supervisor.KeeperLauncher,
    ) throws {
        self.directory = directory
        supervisor = try Supervisor(
            directory: directory,
            root: .jobs,
            launchKeeper: launchKeeper,
        )
    }

    /// Reads the jobs of earlier servers and connects to their keepers.
    package func findJobs() async {
        for name in DirectoryListing.names(directory[.jobs]) {
            guard let id = try? AppName(parsing: name), id.description == name,
                records[id] == nil, let record = try? readRecord(of: id)
            else { continue }
            records[id] = record
        }
        await supervisor.findKeepers()
    }

    /// Keeps the connections to the keepers, and replaces those that were killed, until the task is
    /// cancelled.
    package func run() async { await supervisor.run() }

    // MARK: Starting

    /// Starts a job; returns once it runs, or couldn't be started.
    ///
    /// Its record is on disk before it starts.
    package func start(_ request: JobRequest) async throws -> Job {
        try check(request)
        let record = makeRecord(request)
        records[record.id] = record
        starting.insert(record.id)
        defer { starting.remove(record.id) }
        do {
            let folder = folder(of: record.id)
            try folder.create()
            if let input = request.input {
                try AtomicFile.write(input, to: inputFile(of: record.id), mode: .ownerReadWrite)
            }
            try AtomicFile.write(
                (record.json.formatted + "\n").utf8,
                to: file(of: record.id),
                mode: .ownerReadWrite,
            )
            _ = try await supervisor.up(plan(record, request.environment))
        } catch {
            starting.remove(record.id)
            // What a keeper may have started isn't forgotten.
            let process = await process(of: record.id)
            if process?.identity == nil, process?.state.isActive != true {
                try? await remove(record.id)
            }
            throw error
        }
        starting.remove(record.id)
        await forgetOldest()
        return try await job(record.id.description)
    }

    private func check(_ request: JobRequest) throws {
        guard let program = request.command.first, !program.isEmpty else {
            throw JobError.invalid("A job needs a command: a program and its arguments.")
        }
        guard request.directory.isAbsolute,
            (try? FileStatus.of(request.directory))?.isDirectory == true
        else {
            throw JobError.invalid("The folder \(request.directory) of the job isn't there.")
        }
        let strings = request.command + request.environment.flatMap { [$0.key, $0.value] }
        guard !strings.contains(where: { $0.utf8.contains(0) }),
            !request.environment.keys.contains(where: { $0.isEmpty || $0.contains("=") })
        else {
            throw JobError.invalid("A command or variable has a character that none can have.")
        }
        let path =
            program.contains("/")
            ? request.directory.pushing(FilePath(program)).string : program
        guard ProgramSearch.find(path, path: request.environment["PATH"]) != nil else {
            throw JobError.unusable("\"\(program)\" is no program that can be run.")
        }
        if let input = request.input {
            guard input.count <= JobRequest.mostInput else {
                throw JobError.invalid(
                    """
                    The input has \(input.count) bytes; a job takes at most \
                    \(JobRequest.mostInput). Write it into a file, and name that in the command.
                    """
                )
            }
            guard request.terminal == nil else {
                throw JobError.invalid("A job with a terminal reads from that, and takes no input.")
            }
        }
        if let name = request.name, !JobName.isValid(name) {
            throw JobError.invalid(
                """
                "\(name)" can't be the name of a job. Use letters, digits, ".", "_" and "-", at \
                most 64.
                """
            )
        }
        // What the model knows now: between this and the reservation of the name there is no pause.
        let active = supervisor.model.apps.filter { $0.processes.contains { $0.state.isActive } }
        let running = Set(active.map(\.name)).union(starting)
        guard running.count < Self.activeLimit else { throw JobError.tooMany(Self.activeLimit) }
        if let name = request.name,
            records.values.contains(where: { $0.name == name && running.contains($0.id) })
        {
            throw JobError.nameTaken(name)
        }
    }

    private func makeRecord(_ request: JobRequest) -> JobRecord {
        let now = Timestamp.now
        var stamp = now.microseconds
        var id = Self.id(stamp)
        while records[id] != nil {
            stamp += 1
            id = Self.id(stamp)
        }
        var record = JobRecord(
            id: id,
            command: request.command,
            directory: request.directory,
            createdAt: now,
        )
        record.name = request.name
        record.timeLimit = request.timeLimit
        record.terminal = request.terminal
        record.taskID = request.taskID
        record.inputSize = request.input.map { Int64($0.count) }
        return record
    }

    private static func id(_ stamp: Int64) -> AppName {
        let text = "j" + String(stamp, radix: 36)
        guard let id = try? AppName(parsing: text) else {
            preconditionFailure("\(text) is a name")
        }
        return id
    }

    private func plan(_ record: JobRecord, _ environment: [String: String]) -> SupervisionPlan {
        var environment = environment
        environment["PORTLESS_JOB"] = record.id.description
        environment["PORTLESS_JOB_NAME"] = record.name
        if record.terminal != nil, environment["TERM"] == nil {
            environment["TERM"] = "xterm-256color"
        }
        var process = PlannedProcess(
            name: Self.process,
            command: record.command,
            directory: record.directory,
            environment: environment,
        )
        process.restart.isAutomatic = false
        process.killTimeout = Self.killTimeout
        process.timeLimit = record.timeLimit
        process.endsWithCommand = true
        process.terminal = record.terminal
        process.inputFile = record.inputSize.map { _ in inputFile(of: record.id) }
        var plan = SupervisionPlan(
            app: record.id,
            directory: record.directory,
            processes: [process],
        )
        plan.logSize = Self.logSize
        return plan
    }

    // MARK: Reading

    /// All jobs, the latest first.
    package func jobs() async -> [Job] {
        let apps = await supervisor.apps()
        let processes = Dictionary(
            uniqueKeysWithValues: apps.map { ($0.name, $0.processes.first) }
        )
        return records.values
            .sorted { ($0.createdAt, $0.id) > ($1.createdAt, $1.id) }
            .map { Job($0, processes[$0.id] ?? nil, isStarting: starting.contains($0.id)) }
    }

    /// The job with this id, or with this name: the one that runs, else the latest.
    package func job(_ word: String) async throws -> Job {
        let all = await jobs()
        if let job = all.first(where: { $0.id.description == word }) { return job }
        let named = all.filter { $0.record.name == word }
        guard let job = named.first(where: \.state.isActive) ?? named.first else {
            throw JobError.unknown(word)
        }
        return job
    }

    private func process(of id: AppName) async -> SupervisedProcess? {
        await supervisor.apps().first { $0.name == id }?.processes.first
    }

    /// The job once it has ended; nil where it still runs after `limit`.
    package func wait(for id: AppName, atMost limit: Duration? = nil) async throws -> Job? {
        try await withThrowingTaskGroup(of: Job?.self) { group in
            group.addTask {
                while true {
                    let changes = await self.supervisor.events()
                    if let job = try await self.ended(id) { return job }
                    for await _ in changes {
                        if let job = try await self.ended(id) { return job }
                    }
                    // The stream ended because we didn't keep up.
                    try await Task.sleep(for: .milliseconds(100))
                }
            }
            if let limit {
                group.addTask {
                    try await Task.sleep(for: limit)
                    return nil
                }
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    private func ended(_ id: AppName) async throws -> Job? {
        let job = try await job(id.description)
        return job.state.isActive ? nil : job
    }

    /// The id of each job that has changed, from now on.
    package func changes() async -> AsyncStream<SupervisorEvent> { await supervisor.events() }

    /// The last lines that a job wrote.
    package nonisolated func output(of id: AppName, last count: Int) async throws -> LogExcerpt {
        try await supervisor.logs(id, last: count)
    }

    /// The lines after a cursor that are still kept, the oldest first.
    package nonisolated func output(of id: AppName, after cursor: Int64) async throws -> LogExcerpt
    {
        try await supervisor.logs(id, after: cursor)
    }

    /// The last lines, or those after a cursor, and then each new one.
    package func follow(
        _ id: AppName,
        last count: Int,
        after: Int64?,
    ) async throws -> any AsyncSequence<LogLine, Never> & Sendable {
        try await supervisor.follow(id, last: count, after: after)
    }

    // MARK: Ending

    /// Asks the job and all that it started to end, by force after five seconds; returns when they
    /// are gone.
    package func stop(_ id: AppName) async throws -> Job {
        if try await job(id.description).state.isActive { _ = try await supervisor.stop(id) }
        return try await job(id.description)
    }

    /// Ends the job and all that it started by force.
    package func kill(_ id: AppName) async throws -> Job {
        if try await job(id.description).state.isActive { _ = try await supervisor.kill(id) }
        return try await job(id.description)
    }

    /// Forgets a job that has ended, with its output.
    package func forget(_ id: AppName) async throws {
        guard try await !job(id.description).state.isActive else {
            throw JobError.active(id.description)
        }
        try await remove(id)
    }

    /// Forgets all jobs that have ended; the ids of those.
    package func prune() async throws -> [AppName] {
        let ended = await jobs().filter { !$0.state.isActive }.map(\.id)
        for id in ended { try await remove(id) }
        return ended
    }

    private func remove(_ id: AppName) async throws {
        do {
            try await supervisor.remove(id)
        } catch SupervisorError.unknownApp {
            let folder = folder(of: id)
            if try FileStatus.of(folder.path) != nil { try FileSystem.removeTree(folder.path) }
        }
        records[id] = nil
    }

    private func forgetOldest() async {
        let ended = await jobs().filter { !$0.state.isActive }
        for job in ended.dropFirst(Self.historyLimit) { try? await remove(job.id) }
    }

    // MARK: Files

    private func folder(of id: AppName) -> KeeperFolder {
        KeeperFolder(of: id, in: directory, .jobs)
    }

    private func file(of id: AppName) -> FilePath { folder(of: id).path.appending("job.json") }

    private func inputFile(of id: AppName) -> FilePath { folder(of: id).path.appending("input") }

    private func readRecord(of id: AppName) throws -> JobRecord? {
        guard let text = try directory.text(of: file(of: id)) else { return nil }
        let record = try JobRecord(json: JSONValue(parsing: text.utf8))
        return record.id == id ? record : nil
    }
}
