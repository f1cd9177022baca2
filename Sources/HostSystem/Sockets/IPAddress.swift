import CHostSystem
import CLibrary

/// An IPv4 or IPv6 address, without scope.
package struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// 4 or 16 bytes in network order.
    package let bytes: [UInt8]

    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = Array(bytes)
    }

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    package static let loopbackIPv4 = IPAddress([127, 0, 0, 1])
    package static let loopbackIPv6 = IPAddress([UInt8](repeating: 0, count: 15) + [1])
    package static let anyIPv4 = IPAddress([0, 0, 0, 0])
    package static let anyIPv6 = IPAddress([UInt8](repeating: 0, count: 16))

    package var isIPv6: Bool { bytes.count == 16 }

    /// The IPv4 address inside an IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2), else itself.
    package var unmapped: IPAddress {
        let prefix = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]
        return isIPv6 && bytes.starts(with: prefix) ? IPAddress(Array(bytes.suffix(4))) : self
    }

    package var isAny: Bool { unmapped.bytes.allSatisfy { $0 == 0 } }

    package var isLoopback: Bool {
        let address = unmapped
        return address.isIPv6 ? address == .loopbackIPv6 : address.bytes[0] == 127
    }

    package var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        inet_ntop(isIPv6 ? AF_INET6 : AF_INET, bytes, &text, socklen_t(text.count))
        return String(nullTerminated: text)
    }
}

extension IPAddress {
    /// Reads an address as people write it; nil for anything else, names included.
    package init?(_ text: String) {
        var v4 = in_addr()
        var v6 = in6_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            self.init(bytes: withUnsafeBytes(of: &v4) { Array($0) })
        } else if inet_pton(AF_INET6, text, &v6) == 1 {
            self.init(bytes: withUnsafeBytes(of: &v6) { Array($0) })
        } else {
            return nil
        }
    }
}

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
