/// Linux's `/proc/net/tcp` and its siblings (proc_net_tcp.txt in the kernel's documentation).
enum ProcNetTable {
    /// The sockets that wait for peers.
    static func parse(_ text: String, kind: SocketKind) -> [ListeningSocket] {
        text.split(separator: "\n").dropFirst().compactMap { parse(line: $0, kind: kind) }
    }

    private static func parse(line: Substring, kind: SocketKind) -> ListeningSocket? {
        // sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode
        let fields = line.split(separator: " ")
        // 0A is LISTEN; an unconnected UDP socket is 07, CLOSE.
        guard fields.count > 9, fields[3] == (kind == .tcp ? "0A" : "07"),
            let local = address(fields[1]), local.port != 0,
            let uid = UInt32(fields[7]), let inode = UInt64(fields[9])
        else { return nil }
        return ListeningSocket(
            kind: kind,
            local: local,
            // The table doesn't tell; this is what nearly all listeners on `::` are.
            isDualStack: local.address == .anyIPv6,
            uid: uid,
            id: inode,
        )
    }

    /// `0100007F:1F90`: words in the machine's byte order, which is little-endian on all that
    /// Swift runs on, then the port.
    private static func address(_ field: Substring) -> SocketAddress? {
        let parts = field.split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1], radix: 16) else { return nil }
        var bytes: [UInt8] = []
        var rest = parts[0]
        while !rest.isEmpty {
            guard rest.utf8.count >= 8, let word = UInt32(rest.prefix(8), radix: 16) else {
                return nil
            }
            withUnsafeBytes(of: word.littleEndian) { bytes += $0 }
            rest = rest.dropFirst(8)
        }
        return IPAddress(bytes: bytes).map { SocketAddress($0, port: port) }
    }
}
