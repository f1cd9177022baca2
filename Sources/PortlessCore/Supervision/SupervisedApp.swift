package import SystemPackage

/// An app that was brought up at least once, and how each of its processes is.
package struct SupervisedApp: Hashable, Sendable {
    package var name: AppName
    package var directory: FilePath
    /// In the order of the project's own files.
    package var processes: [SupervisedProcess]
    /// Why it can't be told how the app is; its processes are `unknown` then.
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

    /// The app's state as a whole: the worst that the user has to look after, else what most of
    /// its life is about.
    package var state: ProcessState {
        let order: [ProcessState] = [
            .unknown, .crashLooping, .errored, .starting, .stopping, .online, .stopped,
        ]
        let states = Set(processes.map(\.state))
        return order.first(where: states.contains) ?? .notStarted
    }
}

extension StateDirectory {
    /// One folder for each supervised app.
    package var apps: FilePath { path.appending("apps") }
}

/// A change of what the supervisor knows.
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
        /// The keeper's own words: starts, exits, lost lines.
        case note
    }

    package var process: String
    /// When it was written, in microseconds since 1970, by the clock at that moment.
    package var time: Int64
    /// Grows from line to line of an app, also where the clock was set back: says which lines a
    /// reader has seen already.
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
