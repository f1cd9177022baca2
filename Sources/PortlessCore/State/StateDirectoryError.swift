package import SystemPackage

/// Why the state directory can't be used.
package enum StateDirectoryError: Error, Hashable, CustomStringConvertible {
    case homeUnknown(user: String?)
    case foreignOwner(FilePath, uid: UInt32)
    case notADirectory(FilePath)

    package var description: String {
        switch self {
        case .homeUnknown(let user):
            """
            The home directory of \(user ?? "this user") is unknown. \
            Set PORTLESS_STATE_DIR to a directory of your own.
            """
        case .foreignOwner(let path, let uid):
            uid == 0
                ? """
                The state directory \(path) belongs to root. Take it back with \
                `sudo chown -R "$(id -un)" \(path)`, or set PORTLESS_STATE_DIR to a directory of \
                your own.
                """
                : """
                The state directory \(path) belongs to another user (uid \(uid)). \
                Set PORTLESS_STATE_DIR to a directory of your own.
                """
        case .notADirectory(let path):
            "\(path) is not a directory. Remove it, or set PORTLESS_STATE_DIR to another one."
        }
    }
}
