package import HostSystem
package import PortlessCore

/// One of the two loopback addresses that an app may listen on.
package enum LoopbackFamily: CaseIterable, Hashable, Sendable {
    case v4
    case v6

    package var address: IPAddress { self == .v4 ? .loopbackIPv4 : .loopbackIPv6 }

    var loopback: String { address.description }
    var other: LoopbackFamily { self == .v4 ? .v6 : .v4 }
}

/// The addresses on which the proxy may connect to the app of a route.
///
/// A program that has a port on one loopback address doesn't have it on the other one.
package enum ListenerVerdict: Equatable, Sendable {
    /// On these addresses and no others.
    case dial(Set<LoopbackFamily>)
    /// On no address: another process, the holder, would get the request.
    case refuse(holder: String)

    package static let unrestricted = dial(Set(LoopbackFamily.allCases))
}

/// Decides on which addresses the proxy may connect to a route's app.
///
/// Called with all routes before each new connection to an app.
package typealias ListenerCheck = @Sendable (Route, [Route]) -> ListenerVerdict
