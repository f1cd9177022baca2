package import PortlessCore

/// What a project's own files say about its ports.
package struct DetectedProject: Hashable, Sendable {
    package var name: String
    package var processes: [DetectedProcess]
    /// Ports of things that the project uses but does not start: databases, brokers, mail servers.
    package var dependencies: [DetectedDependency]
    package var unresolved: [Unresolved]
    /// What other files say where a process manager's file decides, one for each directory; it
    /// counts for nothing but a check.
    package var unmanaged: [DetectedProcess]
    /// The `PM2_HOME` that the configuration sets, if any.
    package var pm2Home: String?

    package init(
        name: String,
        processes: [DetectedProcess] = [],
        dependencies: [DetectedDependency] = [],
        unresolved: [Unresolved] = [],
        unmanaged: [DetectedProcess] = [],
        pm2Home: String? = nil,
    ) {
        self.name = name
        self.processes = processes
        self.dependencies = dependencies
        self.unresolved = unresolved
        self.unmanaged = unmanaged
        self.pm2Home = pm2Home
    }

    /// The files that can't be read as what they are.
    package var malformed: [Unresolved] { unresolved.filter(\.isMalformed) }
}
