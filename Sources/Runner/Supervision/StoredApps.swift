import HostSystem
package import PortlessCore

/// The apps that were brought up, read from their keepers' files without asking the keepers.
package enum StoredApps {
    /// All apps by name; an app whose files can't be read has that as its problem.
    package static func list(in directory: StateDirectory) -> [SupervisedApp] {
        DirectoryListing.names(directory[.apps]).sorted()
            .compactMap { try? AppName(parsing: $0) }
            .compactMap { read($0, in: directory) }
    }

    /// Nil for an app that was never brought up.
    static func read(
        _ app: AppName,
        in directory: StateDirectory,
        _ root: StateFile = .apps,
    ) -> SupervisedApp? {
        let folder = KeeperFolder(of: app, in: directory, root)
        do {
            guard let plan = try folder.readPlan() else { return nil }
            let status = try folder.readStatus()
            // An unreadable plan keeps a keeper from its work.
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
            var result = SupervisedApp(name: app, directory: plan.directory, processes: processes)
            result.take(plan)
            return result
        } catch {
            return SupervisedApp(
                name: app,
                directory: folder.path,
                processes: [],
                problem: "\(error)",
            )
        }
    }

    /// After a killed keeper the file may be older than the process's end.
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
