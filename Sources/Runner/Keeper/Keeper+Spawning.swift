import HostSystem
import PortlessCore
import SystemPackage

extension Keeper {
    /// The environment variable by which the descendants of a process are found wherever they went.
    static let marker = "PORTLESS_SUPERVISED"

    func marker(of process: KeptProcess) -> String {
        folder.path.appending(process.name).string
    }

    func spawn(_ process: KeptProcess) {
        do {
            try checkRoom()
            let holders = holders(of: process)
            if holders != process.holders || holders.isEmpty {
                try route(process, holders: holders)
            }
            process.holders = holders
            if let (port, holder) = holders.min(by: { $0.key < $1.key }) {
                let problem = "Port \(port) is held by \(holder)."
                return perform(process.life.couldNotSpawnYet(problem, now: .now), on: process)
            }
            let child = try start(process)
            let now = Instant.now
            // The system has reused this PID, so the group of the earlier process that had it is
            // gone.
            for other in processes where other.lastGroup == child.pid { other.lastGroup = nil }
            process.root = child.identity
            process.isChild = true
            process.wasRecovered = false
            process.lastGroup = child.pid
            process.known = []
            process.startedAt = .now
            process.startInstant = now
            process.nextMemoryLook =
                process.plan.memoryLimit.map { _ in now.advanced(by: Self.memoryPause) }
            recordLeader(of: process)
            note("started as process \(child.pid)", of: process)
            watchPorts(of: process, now)
        } catch {
            if (error as? SystemError)?.errno.isShortage ?? (error as? Errno)?.isShortage ?? false {
                let problem = "It can't be started now: \(error)."
                return perform(process.life.couldNotSpawnYet(problem, now: .now), on: process)
            }
            unroute(process)
            recordFailedStart(of: process, "\(error)")
            perform(process.life.couldNotSpawn("\(error)"), on: process)
        }
    }

    /// The last descriptors are not for processes: without any, the keeper couldn't even watch
    /// those that run.
    func checkRoom() throws(SystemError) {
        guard OpenFileRoom.has(Self.spareDescriptors) else {
            throw SystemError("open more files", errno: .tooManyOpenFiles)
        }
    }

    private func start(_ process: KeptProcess) throws -> ChildProcess {
        let plan = process.plan
        guard try FileStatus.of(plan.directory)?.isDirectory == true else {
            throw SpawnProblem(description: "Its folder \(plan.directory) isn't there.")
        }
        var environment = plan.wholeEnvironment
        environment[Self.marker] = marker(of: process)
        environment[Daemon.marker] = nil
        var spawn = Spawn(
            executable: try program(of: plan),
            arguments: Array(plan.command.dropFirst()),
            environment: environment,
            workingDirectory: plan.directory,
        )
        spawn.name = plan.command.first
        spawn.group = .ownSession
        if let size = plan.terminal {
            return try start(spawn, of: process, in: size)
        }
        let input = try Self.openInput(plan.inputFile)
        defer { try? input.close() }
        let pid = try openPID(of: process)
        defer { try? pid?.close() }
        let output = try openOutput(of: process, .output)
        defer { try? output.close() }
        let error = try openOutput(of: process, .error)
        defer { try? error.close() }
        spawn.standardInput = input
        spawn.standardOutput = output
        spawn.standardError = error
        spawn.announcement = pid
        return try Self.run(spawn)
    }

    /// Opening a pipe that has taken the file's place must not wait for a writer.
    private static func openInput(_ file: FilePath?) throws -> FileDescriptor {
        guard let file else {
            return try .open("/dev/null", .readOnly, options: .closeOnExec)
        }
        guard try FileStatus.of(file, followingLinks: false)?.isRegularFile == true else {
            throw SpawnProblem(description: "Its input \(file) isn't there.")
        }
        return try .open(file, .readOnly, options: [.closeOnExec, .noFollow, .nonBlocking])
    }

    /// Its output ends with the keeper: a terminal without one hangs up.
    private func start(
        _ spawn: Spawn,
        of process: KeptProcess,
        in size: TerminalSize,
    ) throws -> ChildProcess {
        var spawn = spawn
        let pid = try openPID(of: process)
        defer { try? pid?.close() }
        let terminal = try TerminalPair(columns: size.columns, rows: size.rows)
        defer { try? terminal.program.close() }
        for output in process.outputs { try? output.reading.close() }
        process.outputs = [OutputPipe(stream: .output, reading: terminal.keeper)]
        spawn.standardInput = terminal.program
        spawn.standardOutput = terminal.program
        spawn.standardError = terminal.program
        spawn.controlsTerminal = true
        spawn.announcement = pid
        return try Self.run(spawn)
    }

    /// Nil where the file can't be created: then a keeper that is killed right after the start
    /// leaves a process that its successor doesn't know.
    private func openPID(of process: KeptProcess) throws(Errno) -> FileDescriptor? {
        do {
            return try FileDescriptor.open(
                folder.pid(of: process.name),
                .writeOnly,
                // Opening a pipe would wait for its reader.
                options: [.create, .truncate, .closeOnExec, .noFollow, .nonBlocking],
                permissions: .ownerReadWrite,
            )
        } catch let error as Errno
            where [.tooManyOpenFiles, .tooManyOpenFilesInSystem].contains(error)
        {
            throw error
        } catch {
            return nil
        }
    }

    private static func run(_ spawn: Spawn) throws(SystemError) -> ChildProcess {
        do {
            return try spawn.start()
        } catch {
            guard error.errno == .execFormatError else { throw error }
        }
        // A script without an interpreter line is run by the shell, as everywhere.
        var script = spawn
        script.arguments = [spawn.executable.string] + spawn.arguments
        script.executable = "/bin/sh"
        return try script.start()
    }

    private func program(of plan: PlannedProcess) throws -> FilePath {
        guard let name = plan.command.first else {
            throw SpawnProblem(description: "It has no command.")
        }
        let path = FilePath(name)
        if name.contains("/") {
            let absolute = plan.directory.pushing(path)
            guard let found = ProgramSearch.find(absolute.string, path: nil) else {
                throw SpawnProblem(description: "\(absolute) is no program that can be run.")
            }
            return found
        }
        guard let found = ProgramSearch.find(name, path: plan.wholeEnvironment["PATH"]) else {
            throw SpawnProblem(
                description: "The program \"\(name)\" isn't installed (not in PATH)."
            )
        }
        // A relative entry of PATH starts at the process's own folder.
        return plan.directory.pushing(found)
    }

    /// The writing end, for the process; the keeper reads the other one.
    private func openOutput(
        of process: KeptProcess,
        _ stream: LogLine.Stream,
    ) throws -> FileDescriptor {
        if let open = process.outputs.firstIndex(where: { $0.stream == stream }) {
            // Processes left by an earlier run may still write to the old pipe.
            if let again = try? NamedPipe.openWriting(folder.pipe(of: process.name, stream)) {
                return again
            }
            try? process.outputs.remove(at: open).reading.close()
        }
        let path = folder.pipe(of: process.name, stream)
        do {
            try NamedPipe.make(path)
            let reading = try NamedPipe.openReading(path)
            process.outputs.append(OutputPipe(stream: stream, reading: reading))
            return try NamedPipe.openWriting(path)
        } catch {
            // A full disk, or a file system without named pipes: then the output ends with the
            // keeper.
            let pipe = try Pipe()
            process.outputs.removeAll { $0.stream == stream }
            try NonBlocking.set(pipe.reading)
            process.outputs.append(OutputPipe(stream: stream, reading: pipe.reading))
            return pipe.writing
        }
    }

    // MARK: Names

    /// The programs of others that would answer under the names of a process that is about to
    /// start.
    private func holders(of process: KeptProcess) -> [Port: String] {
        let ports = process.plan.names.ports(primary: process.plan.primaryPort)
        let answering = ports.map { port in
            (port, PortHolders.answering(on: port) { self.ownSockets })
        }
        return Dictionary(uniqueKeysWithValues: answering).compactMapValues(\.self)
    }

    private var ownSockets: Set<UInt64> {
        let known = processes.flatMap { $0.known.map(\.pid) }
        return Set(ListeningSockets.held(byTreeOf: own.pid, and: known).map(\.id))
    }

    /// Registers the names of a process; `moved` is the port that they lead to, if it isn't the
    /// assigned one, and `holders` are the programs that have the ports it waits for.
    func route(
        _ process: KeptProcess,
        moved: Port? = nil,
        holders: [Port: String] = [:],
    ) throws {
        guard let port = process.plan.primaryPort, !process.plan.names.isEmpty else { return }
        var names = try registrar.register(process.plan.names, on: port, holders: holders)
        process.names = names
        for missing in names.missing { note(RegisteredNames.warning(missing), of: process) }
        guard let moved, moved != port else { return }
        try names.move(to: moved)
        process.names = names
    }

    /// Writes into the routes which group a process leads.
    func recordLeader(of process: KeptProcess) {
        guard let root = process.root else { return }
        // Only tools that look for what a killed keeper has left need it.
        try? process.names?.record(root)
    }

    func unroute(_ process: KeptProcess) {
        guard let names = process.names else { return }
        process.names = nil
        process.holders = [:]
        do {
            try names.remove()
        } catch {
            // The registration is void anyway once this keeper has exited.
            note("its names couldn't be removed: \(error)", of: process)
        }
    }
}

/// Why a process couldn't be started, as a sentence.
struct SpawnProblem: Error, CustomStringConvertible {
    let description: String
}
