import NIOCore

/// The system's resolver, as programs other than browsers use it.
enum Resolver {
    /// The first address that a name has; nil if the resolver doesn't know it.
    static func address(of name: String) -> String? {
        (try? SocketAddress.makeAddressResolvingHost(name, port: 0))?.ipAddress
    }

    static func isLoopback(_ address: String) -> Bool {
        address.hasPrefix("127.") || address == "::1"
    }
}
