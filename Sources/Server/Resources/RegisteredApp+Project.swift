import HostSystem
package import PortlessCore
package import Projects
package import SystemPackage

extension DetectedProject {
    /// Why what is stored of an app can't be brought up to date; nil if it can.
    package func whyUnreadable(_ app: String) -> String? {
        malformed.first.map { problem in
            """
            \(problem.file):\(problem.line) of \(app) can't be read: \(problem.reason). \
            Repair it and try again.
            """
        }
    }
}

extension RegisteredApp {
    /// A new app of the project in a folder, with all that its files tell.
    package init(folder: FilePath, detected: DetectedProject) {
        self.init(
            id: UniqueID.make(),
            name: detected.name,
            directory: folder,
            processes: detected.processes,
            pm2Home: detected.pm2Home,
            now: Timestamp.text(SystemClock.now),
        )
        describe(Repository.describe(folder.string, detected: detected))
    }

    /// Takes over what the app's files declare now.
    mutating func refresh(from detected: DetectedProject) {
        refresh(processes: detected.processes, pm2Home: detected.pm2Home)
    }
}
