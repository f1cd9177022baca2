import HostSystem
import PortlessCore

/// Which clients on other computers are served, and what they may ask for.
package enum RemotePeers: Hashable, Sendable {
    case none
    /// Those of this machine's networks, for hosts whose names end like this.
    case localNetwork(suffix: String)
    case all

    /// Whether a client with this address is served.
    func admits(address text: String) -> Bool {
        switch self {
        case .none: return false
        case .all: return true
        case .localNetwork:
            // A link-local address comes with its zone.
            guard let address = IPAddress(String(text.prefix { $0 != "%" })) else { return false }
            return address.isLocal || NetworkInterface.all().contains { $0.reaches(address) }
        }
    }

    /// Whether such a client may have what is at this authority.
    func admits(authority: Span<UInt8>) -> Bool {
        guard case .localNetwork(let suffix) = self else { return true }
        var bytes: [UInt8] = []
        for index in 0..<authority.count {
            guard authority[index] != UInt8(ascii: ":") else { break }
            bytes.append(authority[index])
        }
        if bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self).lowercased().hasSuffix(suffix)
    }
}

extension ProxyLoop {
    /// Where a request of this client goes, if the client may have it.
    func route(
        authority: Span<UInt8>,
        of client: ForwardedFields,
        path: () -> [UInt8],
    ) -> Exchange.Admission<Upstream> {
        guard !client.isRemote || configuration.remotePeers.admits(authority: authority) else {
            return .answer(.notFound)
        }
        return router.route(authority: authority, path: path)
    }
}
