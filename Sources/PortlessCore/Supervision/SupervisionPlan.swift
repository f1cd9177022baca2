package import SystemPackage

/// All processes of an app, as its keeper runs them.
package struct SupervisionPlan: Hashable, Sendable {
    package var app: AppName
    package var directory: FilePath
    package var processes: [PlannedProcess]
    /// Set for an app that starts with the first request for one of its names.
    package var onRequest: OnRequest?
    /// The other apps that it depends on.
    package var needs: [AppName] = []
    /// The size in bytes at which a log is rotated.
    package var logSize: Int64 = 10 << 20
    /// How many older parts of a log are kept.
    package var logCount = 3

    package init(app: AppName, directory: FilePath, processes: [PlannedProcess]) {
        self.app = app
        self.directory = directory
        self.processes = processes
    }
}

/// One process to be run, with everything resolved except the program in `PATH`.
package struct PlannedProcess: Hashable, Sendable {
    package var name: String
    /// The program and its arguments.
    package var command: [String]
    package var directory: FilePath
    /// What the project and Portless say.
    package var environment: [String: String]
    /// The environment of the terminal that brought it up.
    package var inherited: [String: String] = [:]
    package var ports: [DetectedProcess.LabeledPort] = []
    /// The port that its app's own names lead to; `PORT` in the environment.
    package var primaryPort: Port?
    /// The names that lead to its ports while it runs.
    package var names = RouteNames()
    package var urls: [String] = []
    package var restart = RestartSettings()
    /// How long it may take to end after SIGTERM.
    package var killTimeout = Duration.milliseconds(1600)
    /// Whether it ends its descendants itself: SIGTERM then goes to it alone.
    package var endsDescendants = false
    /// The resident bytes, descendants included, above which it is restarted.
    package var memoryLimit: Int64?
    /// Files that also get its output, unchanged.
    package var outputFile: FilePath?
    package var errorFile: FilePath?
    /// The file that is its standard input; nil: it reads nothing.
    package var inputFile: FilePath?
    /// The processes that have to be online, or done, before this one starts.
    package var dependencies: [String] = []
    /// How those who wait for it ask whether it is ready; nil: any answer below 500 will do.
    package var health: HealthCheck?
    /// How long it may run before it is ended.
    package var timeLimit: Duration?
    /// Whether what it leaves in the background is ended when it exits, as with a job.
    package var endsWithCommand = false
    /// Set where it runs in a terminal of its own.
    package var terminal: TerminalSize?

    package init(
        name: String,
        command: [String],
        directory: FilePath,
        environment: [String: String],
    ) {
        self.name = name
        self.command = command
        self.directory = directory
        self.environment = environment
    }

    package var wholeEnvironment: [String: String] {
        inherited.merging(environment) { $1 }
    }

    /// Whether a process that runs by the other plan needn't be restarted.
    package func isSame(as other: PlannedProcess) -> Bool {
        var other = other
        other.inherited = inherited
        other.health = health
        return self == other
    }
}

/// The size of a terminal in characters.
package struct TerminalSize: Hashable, Sendable {
    package var columns = 80
    package var rows = 24

    package init() {}
}

/// When and how often a process is restarted; the defaults are PM2's.
package struct RestartSettings: Hashable, Sendable {
    package var isAutomatic = true
    /// How many exits in a row before `minimumUptime` end the restarts.
    package var limit = 16
    package var minimumUptime = Duration.seconds(1)
    package var delay = Duration.zero
    /// The first pause of an exponential backoff; nil: `delay` each time.
    package var backoff: Duration?
    /// Exit codes after which it isn't restarted.
    package var finalCodes: Set<Int32> = []

    package init() {}

    /// For processes that no process manager's file describes: exponential backoff.
    package static var gentle: RestartSettings {
        var settings = RestartSettings()
        settings.limit = 10
        settings.minimumUptime = .seconds(10)
        settings.backoff = .milliseconds(100)
        return settings
    }
}

/// The names of supervised processes, which also are names of files.
package enum ProcessName {
    package static func isValid(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 120 else { return false }
        return first != UInt8(ascii: ".") && first != UInt8(ascii: "-")
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                    || (0x61...0x7A).contains(byte) || "._-:@".utf8.contains(byte)
            }
    }

    /// A valid name made of any text; nil if nothing is left of it.
    package static func made(of text: String) -> String? {
        let replaced = text.unicodeScalars.map { scalar -> Character in
            isValid("a\(scalar)") ? Character(scalar) : "-"
        }
        let name = String(String(replaced).drop { "-.".contains($0) }.prefix(120))
        return isValid(name) ? name : nil
    }
}
