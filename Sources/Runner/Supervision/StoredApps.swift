import HostSystem
package import PortlessCore

/// The apps that were brought up, as their keepers' files tell, without asking anybody.
package enum StoredApps {
    /// By name; an app whose files can't be read is there with that problem.
    package static func list(in directory: StateDirectory) -> [SupervisedApp] {
        DirectoryListing.names(directory[.apps]).sorted()
            .compactMap { try? AppName(parsing: $0) }
            .compactMap { read($0, in: directory) }
    }

    /// Nil for an app that was never brought up.
    static func read(_ app: AppName, in directory: StateDirectory) -> SupervisedApp? {
        let folder = KeeperFolder(of: app, in: directory)
        do {
            guard let plan = try folder.readPlan() else { return nil }
            let status = try folder.readStatus()
            // What is wrong with it keeps a keeper from its work.
            _ = try folder.readKeeper()
            let processes = plan.processes.map { planned in
                let known = status?.processes.first { $0.name == planned.name }
                return known.map(checked)
                    ?? SupervisedProcess(
                        name: planned.name,
                        state: .notStarted,
                        ports: planned.ports,
                        primaryPort: planned.primaryPort,
                        urls: planned.urls,
                    )
            }
            return SupervisedApp(name: app, directory: plan.directory, processes: processes)
        } catch {
            return SupervisedApp(
                name: app,
                directory: folder.path,
                processes: [],
                problem: "\(error)",
            )
        }
    }

    /// The file may be older than the process's end, where the keeper was killed.
    private static func checked(_ process: SupervisedProcess) -> SupervisedProcess {
        guard process.state.isActive, let identity = process.identity else { return process }
        let origin = Origin(of: identity, predecessor: identity, boot: nil)
        var result = process
        if let reason = origin.reason {
            result.state = origin.restingState
            result.reason = reason
            result.identity = nil
        } else if process.state == .online, !identity.isAlive {
            result.state = .errored
            result.reason = "It ended while no keeper watched."
        }
        return result
    }
}
