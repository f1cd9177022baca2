package import SystemPackage

/// Why the routes couldn't be read or changed.
package enum RoutesError: Error, Hashable, CustomStringConvertible {
    /// The name belongs to a process that is alive.
    case alreadyRegistered(Hostname, path: RoutePath? = nil, pid: Int32, folder: FilePath?)
    /// An app wants a name that an alias has.
    case isAlias(Hostname, path: RoutePath? = nil)
    case unreadable(FilePath, reason: String)
    case lockUnavailable(FilePath, seconds: Int)
    /// Another process has repeatedly taken the lock for abandoned and removed it.
    case lockLost(FilePath)

    /// Whose name it is, and how that one lets go of it; nil for any other error.
    package var conflict: (sentence: String, remedy: String)? {
        switch self {
        case .alreadyRegistered(let hostname, let path, let pid, let folder):
            let place = folder.map { " in \($0)" } ?? ""
            return (
                "\"\(hostname)\(path?.prefix ?? "")\" is already registered by PID \(pid)\(place).",
                "Stop that process",
            )
        case .isAlias(let hostname, let path):
            let flag = path.map { " --path \($0.prefix)" } ?? ""
            return (
                "\"\(hostname)\(path?.prefix ?? "")\" is already registered as an alias.",
                "Remove it with `portless alias --remove \(hostname)\(flag)`",
            )
        default: return nil
        }
    }

    package var description: String {
        switch self {
        case .alreadyRegistered, .isAlias:
            conflict.map { "\($0.sentence) \($0.remedy), or give this app another name." } ?? ""
        case .unreadable(let path, let reason):
            """
            The routes file \(path) can't be understood: \(reason). \
            Repair it, or delete it and start the running apps again.
            """
        case .lockUnavailable(let path, let seconds):
            """
            Failed to acquire route lock \(path) within \(seconds) seconds. \
            If no portless command is running, remove it and try again.
            """
        case .lockLost(let path):
            """
            The route lock \(path) was taken away by another process while it was held. \
            Try again.
            """
        }
    }
}

/// Why the content of `routes.json` can't be understood.
enum RoutesFileProblem: Error, Hashable, CustomStringConvertible {
    case invalidJSON(JSONSyntaxError)
    case notAList(found: String)
    case impossibleNumber(hostname: String, key: String)

    var description: String {
        switch self {
        case .invalidJSON(let error): "invalid JSON (\(error))"
        case .notAList(let found): "expected array, found \(found)"
        case .impossibleNumber(let hostname, let key):
            "the \(key) of \"\(hostname)\" is a number that none can be"
        }
    }
}
