import PortlessCore

/// Where an app's name comes from, as the user is told.
package enum NameSource: String, Hashable, Sendable, CustomStringConvertible {
    case flag = "--name flag"
    case configuration = "portless.json"
    case packageJSON = "package.json"
    case gitRoot = "git root"
    case folder = "directory name"

    package var description: String { rawValue }
}
