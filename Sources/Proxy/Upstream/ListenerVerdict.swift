package import HostSystem
package import PortlessCore

/// One of the two addresses at which a program of this machine may listen for its neighbours.
package enum LoopbackFamily: CaseIterable, Hashable, Sendable {
    case v4
    case v6

    package var address: IPAddress { self == .v4 ? .loopbackIPv4 : .loopbackIPv6 }

    var loopback: String { address.description }
    var other: LoopbackFamily { self == .v4 ? .v6 : .v4 }
}

/// On which addresses the app of a route may be connected to.
///
/// A program that has a port on one loopback address doesn't have it on the other one.
package enum ListenerVerdict: Equatable, Sendable {
    /// On these addresses and no others.
    case dial(Set<LoopbackFamily>)
    /// Nowhere: another process, which is described, would get the request.
    case refuse(holder: String)

    package static let unrestricted = dial(Set(LoopbackFamily.allCases))
}

/// Decides on which addresses a route's app may be connected to; see `ListenerVerdict`.
///
/// Asked with all routes before each new connection to an app.
package typealias ListenerCheck = @Sendable (Route, [Route]) -> ListenerVerdict
