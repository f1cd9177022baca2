import CHostSystem

/// An address and a port.
package struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    package let address: IPAddress
    package let port: UInt16

    package init(_ address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }

    package var description: String {
        address.isIPv6 ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
}

extension SocketAddress {
    init(_ raw: chs_address) {
        let count = raw.is_ipv6 != 0 ? 16 : 4
        let bytes = withUnsafeBytes(of: raw.bytes) { Array($0.prefix(count)) }
        self.init(IPAddress(bytes: bytes) ?? .anyIPv4, port: raw.port)
    }

    var raw: chs_address {
        var raw = chs_address()
        raw.is_ipv6 = address.isIPv6 ? 1 : 0
        raw.port = port
        withUnsafeMutableBytes(of: &raw.bytes) { $0.copyBytes(from: address.bytes) }
        return raw
    }
}
