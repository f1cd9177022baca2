package import PortlessCore

/// Why the supervisor couldn't do what it was asked for.
package enum SupervisorError: Error, Hashable, CustomStringConvertible {
    case unknownApp(AppName)
    case unknownProcess(AppName, String, known: [String])
    case keeperFailed(AppName, reason: String)

    package var description: String {
        switch self {
        case .unknownApp(let app):
            "\(app) was never brought up here. `portless up` in its folder does that."
        case .unknownProcess(let app, let name, let known):
            """
            \(app) has no process called "\(name)". \
            It has: \(known.joined(separator: ", ")).
            """
        case .keeperFailed(let app, let reason):
            """
            The keeper of \(app) doesn't do its work: \(reason). \
            `portless doctor` looks for the cause.
            """
        }
    }
}
