import SystemPackage

/// A keeper that ended before it could be asked.
struct KeeperLaunchError: Error, CustomStringConvertible {
    let log: FilePath

    var description: String { "it ended at once; \(log) may say why" }
}
