package import HostSystem
package import SystemPackage

/// A process that outlives the command which started it.
package struct Daemon: Sendable {
    /// Set in the environment of every daemon, so that ending an app and its descendants spares it.
    package static let marker = "PORTLESS_DAEMON"

    package var executable: FilePath
    package var name: String?
    package var arguments: [String]
    package var environment: [String: String]
    package var workingDirectory: FilePath?
    /// The file that the daemon's output is appended to; nil: this process's output.
    package var log: FilePath?
    /// The owner of the log, where root creates it.
    package var logOwner: FileOwner?
    /// The daemon's standard input; nil: nothing to read.
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

    /// Starts it in a session of its own; it inherits only the descriptors that are passed.
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
                // Opening a pipe would wait for its reader.
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
