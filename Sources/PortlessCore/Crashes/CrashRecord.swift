package import HostSystem
package import SystemPackage

/// What is known of one crash of a supervised process.
///
/// The keeper writes it at the moment of the crash, so that it doesn't depend on the server; the
/// server adds what takes other programs: the state of the git repository, and a patch.
package struct CrashRecord: Hashable, Sendable {
    package static let mostErrors = 100
    package static let mostOutput = 50
    package static let mostChanged = 50

    /// A line of the process's own output.
    package struct Line: Hashable, Sendable {
        package var time: Timestamp
        package var text: String

        package init(time: Timestamp, text: String) {
            self.time = time
            self.text = text
        }
    }

    /// A port of the process, and the programs that listened on it after the crash.
    package struct PortState: Hashable, Sendable {
        /// Nil for a port that only the output names.
        package var label: String?
        package var port: Port
        package var holder: String?

        package init(label: String?, port: Port, holder: String?) {
            self.label = label
            self.port = port
            self.holder = holder
        }
    }

    /// The repository of the app's folder at the crash.
    package struct Repository: Hashable, Sendable {
        package var root: FilePath
        package var head: String
        package var branch: String?
        /// The commit at which the process was last seen running well.
        package var goodHead: String?
        package var goodTime: Timestamp?
        /// The files that have changed since then.
        package var changed: [String] = []
        /// How many more have changed than `changed` lists.
        package var more = 0

        package init(root: FilePath, head: String, branch: String?) {
            self.root = root
            self.head = head
            self.branch = branch
        }
    }

    package var id: String
    package var time: Timestamp
    package var app: AppName
    package var process: String
    package var directory: FilePath
    /// The program with its arguments.
    package var command: [String] = []
    /// Nil where it couldn't be started, and where the keeper was gone when it ended.
    package var cause: ProcessExit.Cause?
    /// Why it couldn't be started, as a sentence.
    package var problem: String?
    package var uptime = Duration.zero
    package var pid: Int32?
    package var errors: [Line] = []
    package var output: [Line] = []
    package var ports: [PortState] = []
    /// The names of its variables, never their values.
    package var environment: [String] = []
    package var repository: Repository?
    /// Whether the server has looked at it.
    package var isExamined = false
    package var patch: CrashPatch?

    package init(
        id: String,
        time: Timestamp,
        app: AppName,
        process: String,
        directory: FilePath,
    ) {
        self.id = id
        self.time = time
        self.app = app
        self.process = process
        self.directory = directory
    }

    /// An identifier that sorts by time; the microseconds keep their length until the year 2286.
    package static func makeID(at time: Timestamp) -> String {
        let random = String(UInt32.random(in: 0..<1_679_616), radix: 36)
        let padding = String(repeating: "0", count: 4 - random.utf8.count)
        return "\(max(time.microseconds, 0))-\(padding)\(random)"
    }

    package static func isValidID(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2D
            }
    }

    /// What goes on after the process's name: `exited with code 1 after 1.2 s`.
    package var sentence: String {
        if problem != nil { return "couldn't be started" }
        let milliseconds = uptime.milliseconds
        let time = "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
        switch cause {
        case .code(let code)?: return "exited with code \(code) after \(time)"
        case .signal(let number)?:
            return "was ended by \(Signal(rawValue: number)) after \(time)"
        case .unknown?, nil: return "ended while its keeper was gone"
        }
    }

    package var diagnosis: CrashDiagnosis { CrashDiagnosis.of(self) }

    /// The port that another program had when the process wanted it.
    package var takenPort: Port? { diagnosis.port }
}

/// What autofix has made of a crash.
package struct CrashPatch: Hashable, Sendable {
    package enum State: String, Hashable, Sendable, CaseIterable {
        /// It waits for the crashes before it.
        case waiting
        /// Autofix doesn't try it.
        case skipped
        case working, staged, refused, failed, applying, applied, reverted, discarded

        /// Whether a server that dies meanwhile leaves it undone.
        package var isUnderWay: Bool { self == .working || self == .applying }
    }

    package var state: State
    /// What happened, and why.
    package var sentence: String
    package var time: Timestamp
    package var files: [String] = []
    package var bytes: Int64?
    /// The job that makes it or has made it.
    package var job: AppName?

    package init(_ state: State, _ sentence: String, at time: Timestamp) {
        self.state = state
        self.sentence = sentence
        self.time = time
    }

    /// Whether it keeps autofix from the process's next crash.
    package func isRecent(at now: Timestamp) -> Bool {
        guard state != .waiting, state != .skipped else { return false }
        let age = time.duration(to: now)
        // A time in the future, after the clock was set back, counts no longer than the others.
        return max(age, .zero - age) < CrashSettings.cooldown
    }
}
