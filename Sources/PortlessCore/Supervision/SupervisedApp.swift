package import SystemPackage

/// An app that was brought up at least once, with the state of its processes.
package struct SupervisedApp: Hashable, Sendable {
    package var name: AppName
    package var directory: FilePath
    /// In the order of the project's own files.
    package var processes: [SupervisedProcess]
    /// Why the app's state is unknown; then its processes are `unknown`.
    package var problem: String?

    package init(
        name: AppName,
        directory: FilePath,
        processes: [SupervisedProcess],
        problem: String? = nil,
    ) {
        self.name = name
        self.directory = directory
        self.processes = processes
        self.problem = problem
    }

    package func process(_ name: String) -> SupervisedProcess? {
        processes.first { $0.name == name }
    }

    /// The state of the app as a whole: the first of these that a process has.
    package var state: ProcessState {
        let order: [ProcessState] = [
            .unknown, .crashLooping, .errored, .starting, .stopping, .online, .stopped,
        ]
        let states = Set(processes.map(\.state))
        return order.first(where: states.contains) ?? .notStarted
    }
}

/// A change that the supervisor has seen.
package enum SupervisorEvent: Hashable, Sendable {
    /// An app is new, or its plan or its keeper changed.
    case app(SupervisedApp)
    case process(AppName, SupervisedProcess)
    case removed(AppName)
}

/// A line that a supervised process wrote, or that the keeper wrote about it.
package struct LogLine: Hashable, Sendable {
    package enum Stream: String, Hashable, Sendable {
        case output = "out"
        case error = "err"
        /// The keeper's own messages: starts, exits, lost lines.
        case note
    }

    package var process: String
    /// When it was written, in microseconds since 1970, by the clock at that moment.
    package var time: Int64
    /// Grows from line to line of an app, also if the clock is set back, so that a reader can continue
    /// after the last line it has seen.
    package var cursor: Int64
    package var stream: Stream
    package var text: String

    /// Without a `cursor`, that is the time.
    package init(
        process: String,
        time: Int64,
        cursor: Int64? = nil,
        stream: Stream,
        text: String,
    ) {
        self.process = process
        self.time = time
        self.cursor = cursor ?? time
        self.stream = stream
        self.text = text
    }
}
