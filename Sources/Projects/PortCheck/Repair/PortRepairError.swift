package import PortlessCore

/// Why a project's ports can't be repaired by rewriting numbers.
package enum PortRepairError: Error, Hashable, CustomStringConvertible {
    case computed(Port, at: String)
    case shared(Port, at: String)
    case unclear(String)

    package var description: String {
        switch self {
        case .computed(let port, let place):
            """
            Port \(port) at \(place) is not written there as a number of its own, \
            so nothing was changed. Change it by hand.
            """
        case .shared(let port, let place):
            """
            Port \(port) at \(place) would change along with another one, so nothing was \
            changed. Change it by hand.
            """
        case .unclear(let project):
            """
            \(project) would read differently after the change, so nothing was changed. \
            Change its ports by hand.
            """
        }
    }
}
