import SystemPackage

/// A keeper that couldn't be asked after it was started.
struct KeeperLaunchError: Error, CustomStringConvertible {
    let log: FilePath
    let isStuck: Bool

    var description: String {
        isStuck
            ? "it didn't get ready in time; \(log) may say why"
            : "it ended at once; \(log) may say why"
    }
}
