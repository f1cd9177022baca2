package enum SocketKind: Hashable, Sendable {
    case tcp
    case udp
}
