package import SystemPackage

/// All processes of an app, as its keeper runs them.
package struct SupervisionPlan: Hashable, Sendable {
    package var app: AppName
    /// The project's folder.
    package var directory: FilePath
    package var processes: [PlannedProcess]
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
