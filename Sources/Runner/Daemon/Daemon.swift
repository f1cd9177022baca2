package import HostSystem
package import SystemPackage

/// A process that outlives the command which started it.
package struct Daemon: Sendable {
    /// In the environment of every daemon: it is spared when an app and all that it started are ended.
    package static let marker = "PORTLESS_DAEMON"

    package var executable: FilePath
    package var name: String?
    package var arguments: [String]
    package var environment: [String: String]
    package var workingDirectory: FilePath?
    /// Gets all that the daemon writes, after what is there already; nil: this process's output.
    package var log: FilePath?
    /// Whom the log belongs to, where root makes it.
    package var logOwner: FileOwner?
    /// What it gets as its standard input; nil: nothing to read.
    package var standardInput: FileDescriptor?
    /// As those of `Spawn`.
    package var passedListeners: [FileDescriptor] = []
    package var passedDescriptors: [FileDescriptor] = []

    package init(
        executable: FilePath,
        arguments: [String],
        environment: [String: String],
        log: FilePath?,
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.log = log
    }

    /// Starts it in a session of its own, with nothing of ours but what is passed.
    package func spawn() throws -> ChildProcess {
        let input = try NullDevice.open()
        defer { try? input.close() }
        let output = try log.map(openLog)
        defer { try? output?.close() }
        var spawn = Spawn(
            executable: executable,
            arguments: arguments,
            environment: environment.merging([Self.marker: "1"]) { $1 },
            workingDirectory: workingDirectory,
        )
        spawn.name = name
        spawn.standardInput = standardInput ?? input
        if let output {
            spawn.standardOutput = output
            spawn.standardError = output
        }
        spawn.passedListeners = passedListeners
        spawn.passedDescriptors = passedDescriptors
        spawn.group = .ownSession
        return try spawn.start()
    }

    private func openLog(_ log: FilePath) throws -> FileDescriptor {
        do {
            let descriptor = try FileDescriptor.open(
                log,
                .writeOnly,
                // A pipe in its place would be waited for.
                options: [.append, .create, .closeOnExec, .noFollow, .nonBlocking],
                permissions: [.ownerReadWrite],
            )
            if let logOwner { try FileSystem.setOwner(logOwner, of: log) }
            return descriptor
        } catch let errno as Errno {
            throw SystemError("open", path: log, errno: errno)
        }
    }
}
