/// A socket that waits for peers: a TCP listener, or a UDP socket that isn't connected.
package struct ListeningSocket: Hashable, Sendable {
    package let kind: SocketKind
    package let local: SocketAddress
    /// Bound to all IPv6 addresses and taking IPv4 too.
    package let isDualStack: Bool
    package let uid: UInt32
    /// The system's number for the socket (Linux: its inode), by which its holders are found.
    package let id: UInt64

    package init(
        kind: SocketKind,
        local: SocketAddress,
        isDualStack: Bool,
        uid: UInt32,
        id: UInt64,
    ) {
        self.kind = kind
        self.local = local
        self.isDualStack = isDualStack
        self.uid = uid
        self.id = id
    }

    package var port: UInt16 { local.port }

    /// Whether a connection to one of the loopback addresses arrives here.
    package var answersLoopback: Bool { local.address.isAny || local.address.isLoopback }
}
