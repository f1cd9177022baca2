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
