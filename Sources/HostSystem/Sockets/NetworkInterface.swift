import CHostSystem
import CLibrary
import SystemPackage

/// An address of one of this machine's network interfaces.
package struct NetworkInterface: Hashable, Sendable {
    /// A machine with more addresses than this has them for containers.
    private static let limit = 512

    package var name: String
    package var address: IPAddress
    /// How many leading bits of the address are its network's.
    package var prefixLength: Int
    package var isUp = true
    package var isLoopback = false
    /// The hardware's (MAC) address; empty where it has none.
    package var hardwareAddress: [UInt8]

    package init(
        name: String,
        address: IPAddress,
        prefixLength: Int,
        hardwareAddress: [UInt8],
    ) {
        self.name = name
        self.address = address
        self.prefixLength = prefixLength
        self.hardwareAddress = hardwareAddress
    }

    /// Whether an address belongs to the network that this one is in.
    package func reaches(_ other: IPAddress) -> Bool {
        let other = other.unmapped
        guard prefixLength > 0, other.isIPv6 == address.isIPv6 else { return false }
        return (0..<min(prefixLength, address.bytes.count * 8)).allSatisfy { bit in
            let mask: UInt8 = 0x80 >> UInt8(bit % 8)
            return address.bytes[bit / 8] & mask == other.bytes[bit / 8] & mask
        }
    }

    /// Those of the machine as it is now; none where the system doesn't tell.
    package static func all() -> [NetworkInterface] {
        var list = [chs_interface](repeating: chs_interface(), count: limit)
        var count = 0
        guard chs_interfaces(&list, list.count, &count) == 0 else { return [] }
        return list.prefix(count).map(NetworkInterface.init)
    }

    private init(_ raw: chs_interface) {
        name = withUnsafeBytes(of: raw.name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        address = SocketAddress(raw.address).address
        prefixLength = Int(raw.prefix_length)
        isUp = raw.is_up != 0
        isLoopback = raw.is_loopback != 0
        hardwareAddress = withUnsafeBytes(of: raw.hardware) {
            Array($0.prefix(Int(raw.hardware_length)))
        }
    }
}

/// The address from which this machine reaches others.
package enum OutgoingAddress {
    /// The one for packets to an address; nil where no route leads there.
    ///
    /// Connecting a UDP socket sends nothing: the system only chooses a route.
    package static func toward(_ destination: IPAddress) -> IPAddress? {
        let any: IPAddress = destination.isIPv6 ? .anyIPv6 : .anyIPv4
        guard let socket = try? BoundSocket.open(SocketAddress(any, port: 0), kind: .udp) else {
            return nil
        }
        defer { try? socket.close() }
        var raw = SocketAddress(destination, port: 53).raw
        guard chs_connect(socket.rawValue, &raw) == 0 else { return nil }
        return try? BoundSocket.address(of: socket).address
    }
}
