import HostSystem
package import PortlessCore
package import SystemPackage

extension RegisteredApp {
    /// A new app of the project in a folder, with all that its files tell.
    package init(folder: FilePath, detected: DetectedProject) {
        self.init(
            id: UniqueID.make(),
            directory: folder,
            detected: detected,
            now: Timestamp.text(SystemClock.now),
        )
        describe(Repository.describe(folder.string, detected: detected))
    }
}
