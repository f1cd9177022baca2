/// A socket that waits for peers: a TCP listener, or a UDP socket that isn't connected.
package struct ListeningSocket: Hashable, Sendable {
    package let kind: SocketKind
    package let local: SocketAddress
    /// Bound to all IPv6 addresses and taking IPv4 too.
    package let isDualStack: Bool
    package let uid: UInt32
    /// The system's number for the socket (Linux: its inode), by which its holders are found.
    package let id: UInt64

    package var port: UInt16 { local.port }

    /// Whether a connection to one of the loopback addresses arrives here.
    package var answersLoopback: Bool { local.address.isAny || local.address.isLoopback }

    /// Whether it takes connections to any address of the family.
    fileprivate func isWildcard(forIPv6 isIPv6: Bool) -> Bool {
        let isAnyIPv4 = local.address.unmapped == .anyIPv4
        return isIPv6 ? local.address == .anyIPv6 : isAnyIPv4 || isDualStack
    }
}

extension [ListeningSocket] {
    /// Those that one of the port's connections to `address` may arrive at: a socket bound to the
    /// address itself goes before those bound to all.
    package func receiving(connectionsTo address: IPAddress) -> [ListeningSocket] {
        let bound = filter { $0.local.address.unmapped == address }
        return bound.isEmpty ? filter { $0.isWildcard(forIPv6: address.isIPv6) } : bound
    }
}

package enum SocketKind: Hashable, Sendable {
    case tcp
    case udp
}
