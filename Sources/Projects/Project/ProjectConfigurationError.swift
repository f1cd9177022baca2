import PortlessCore
package import SystemPackage

/// What is wrong with a project's configuration file.
package enum ProjectConfigurationError: Error, Hashable, CustomStringConvertible {
    case invalidJSON(FilePath, reason: String)
    case unreadable(FilePath, line: Int, reason: String)
    case tooManyFolders(FilePath)
    case wrongType(FilePath, key: String, expected: String)

    package var description: String {
        switch self {
        case .invalidJSON(let path, let reason):
            "\(path) is no valid JSON (\(reason)).\nRepair it, or remove it."
        case .unreadable(let path, let line, let reason):
            "\(path):\(line) can't be read: \(reason).\nRepair it, or remove the file."
        case .tooManyFolders(let root):
            "The workspace patterns of \(root) lead to too many folders.\nMake them narrower."
        case .wrongType(let path, let key, let expected):
            "\"\(key)\" in \(path) must be \(expected)."
        }
    }
}
