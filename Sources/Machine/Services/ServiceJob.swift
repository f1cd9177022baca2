package import PortlessCore
package import SystemPackage

/// A daemon of ours that the operating system starts and restarts: what it runs, as whom, on which
/// sockets.
package struct ServiceJob: Hashable, Sendable {
    package enum Daemon: String, CaseIterable, Sendable {
        case proxy, server
    }

    package enum Scope: String, CaseIterable, Sendable {
        /// From the user's login on, without an administrator.
        case user
        /// From boot on; the manager opens the ports as root, and the daemon runs as a user.
        case system
    }

    /// A port that the service manager opens for the daemon.
    package struct Socket: Hashable, Sendable {
        /// What launchd calls it; the daemon asks for it by that name.
        package var name: String
        package var port: Port
        /// The addresses; none for all of the machine's.
        package var addresses: [String]

        package init(name: String, port: Port, addresses: [String]) {
            self.name = name
            self.port = port
            self.addresses = addresses
        }
    }

    package var daemon: Daemon
    package var scope: Scope
    package var program: FilePath
    package var arguments: [String]
    package var environment: [String: String]
    /// Whom the daemon of the system's scope runs as.
    package var user: String?
    /// The first one is the daemon's own; those after it may fail without stopping the daemon.
    package var sockets: [Socket] = []
    /// Where launchd puts its output; systemd has a journal.
    package var log: FilePath

    package init(
        _ daemon: Daemon,
        _ scope: Scope,
        program: FilePath,
        arguments: [String],
        environment: [String: String],
        log: FilePath,
    ) {
        self.daemon = daemon
        self.scope = scope
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.log = log
    }

    /// Every text that a unit file gets from outside, with a name for it.
    private var values: [(name: String, text: String)] {
        [("the program's path", program.string), ("the log's path", log.string)]
            + arguments.map { ("an argument", $0) }
            + environment.sorted { $0.key < $1.key }.map { ($0.key, "\($0.key)=\($0.value)") }
            + (user.map { [("the user's name", $0)] } ?? [])
    }

    /// Refuses what no unit file can hold: a line break would begin another setting.
    func refuseControlCharacters() throws(ServiceError) {
        for (name, text) in values {
            guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
                throw .unwritable(name)
            }
        }
    }
}

/// A file that the service manager reads.
package struct ServiceFile: Hashable, Sendable {
    package let path: FilePath
    package let text: String
}

/// A service as its installed file describes it.
package struct InstalledService: Hashable, Sendable {
    package var daemon: ServiceJob.Daemon
    package var scope: ServiceJob.Scope
    package var file: FilePath
    /// The program and its arguments.
    package var command: [String]
    package var environment: [String: String]
    /// Whether the service manager opens the ports, and starts the daemon at the first connection.
    package var hasSockets: Bool

    /// Nil for the npm original's, which is run by Node.
    package var program: FilePath? { command.first.map { FilePath($0) } }

    package var stateDirectory: FilePath? {
        environment["PORTLESS_STATE_DIR"].map { FilePath($0) }
    }

    /// What follows `proxy start` or `server start`; nil where that isn't what the file runs.
    package var arguments: ArraySlice<String>? {
        Self.arguments(of: command, for: daemon)
    }

    static func arguments(
        of command: [String],
        for daemon: ServiceJob.Daemon,
    ) -> ArraySlice<String>? {
        for index in command.indices.dropLast() where index > 0 {
            guard command[index] == daemon.rawValue, command[index + 1] == "start" else { continue }
            return command[(index + 2)...]
        }
        return nil
    }
}

/// Why a service can't be installed, removed or asked.
package enum ServiceError: Error, Hashable, CustomStringConvertible {
    case unwritable(String)
    case unusableProgram(FilePath)
    case noManager(String, reason: String)
    case occupied(FilePath)
    case cannotChange(FilePath, SystemErrorText)
    case failed(Command, reason: String)

    /// The system's own words, and whether root could do it.
    package struct SystemErrorText: Hashable, Sendable {
        package var text: String
        package var needsRoot: Bool
    }

    package var description: String {
        switch self {
        case .unwritable(let name):
            "A service can't be given a line break or another control character, as in \(name).\n"
                + "Choose a path or value without one."
        case .unusableProgram(let path):
            "systemd runs no program whose path has a quote or a backslash, as \(path).\n"
                + "Install Portless in another folder, or call it by a link."
        case .noManager(let manager, let reason):
            "\(manager) doesn't run here (\(reason)), so there are no services.\n"
                + "The proxy starts with the first app all the same; "
                + "`portless service install --print` shows the unit."
        case .occupied(let path):
            "\(path) exists and isn't of Portless's making.\nMove it away, then try again."
        case .cannotChange(let path, let error):
            "\(path) can't be changed: \(error.text).\n"
                + (error.needsRoot ? "Run the command with sudo." : "Look at its folder.")
        case .failed(let command, let reason):
            "`\(command)` failed: \(reason)."
        }
    }
}
