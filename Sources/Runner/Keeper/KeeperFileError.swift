import SystemPackage

/// A file in an app's folder that can't be understood.
struct KeeperFileError: Error, Hashable, CustomStringConvertible {
    let file: FilePath
    let reason: String

    var description: String {
        "\(file) can't be understood: \(reason). Remove it, and bring the app up again."
    }
}
