#if os(Linux)
import CHostSystem
import SystemPackage

extension ListeningSockets {
    static func systemSockets(_ kind: SocketKind) throws(SystemError) -> [ListeningSocket] {
        do throws(SystemError) {
            return try diagnosed(kind, isIPv6: false) + diagnosed(kind, isIPv6: true)
        } catch {
            // Some sandboxes (gVisor, seccomp filters) have no netlink of this kind.
            return listed(kind)
        }
    }

    static func recentSystemSockets() throws(SystemError) -> [ListeningSocket] {
        try systemSockets(.tcp)
    }

    static func systemSockets(
        _ kind: SocketKind,
        of processes: [Int32],
    ) throws(SystemError) -> [ListeningSocket] {
        let sockets = try systemSockets(kind)
        guard !sockets.isEmpty else { return [] }
        let held = processes.reduce(into: Set<UInt64>()) { $0.formUnion(socketIDs(of: $1)) }
        return sockets.filter { held.contains($0.id) }
    }

    static func socketIDs(of process: Int32) -> [UInt64] {
        let directory = FilePath("/proc/\(process)/fd")
        return Privileges.asRoot {
            DirectoryListing.names(directory).compactMap { name in
                SymbolicLink.target(directory.appending(name)).flatMap(socketID)
            }
        }
    }

    /// The number in a link such as `socket:[4711]`.
    static func socketID(_ target: String) -> UInt64? {
        guard target.hasPrefix("socket:["), target.hasSuffix("]") else { return nil }
        return UInt64(target.dropFirst("socket:[".count).dropLast())
    }

    private static func diagnosed(
        _ kind: SocketKind,
        isIPv6: Bool,
    ) throws(SystemError) -> [ListeningSocket] {
        var sockets = [chs_socket](repeating: chs_socket(), count: 256)
        while true {
            var count = 0
            let failure = chs_listening_sockets(
                isIPv6 ? 1 : 0,
                kind == .udp ? 1 : 0,
                &sockets,
                sockets.count,
                &count,
            )
            guard failure == 0 else {
                throw SystemError("list sockets", errno: Errno(rawValue: failure))
            }
            guard count > sockets.count else {
                return sockets.prefix(count).map { ListeningSocket($0, kind: kind) }
            }
            sockets = [chs_socket](repeating: chs_socket(), count: count * 2)
        }
    }

    private static func listed(_ kind: SocketKind) -> [ListeningSocket] {
        let name = kind == .tcp ? "tcp" : "udp"
        return [name, name + "6"].flatMap { table -> [ListeningSocket] in
            guard
                let bytes = try? AtomicFile.read(
                    FilePath("/proc/net/\(table)"),
                    limit: FileLimit.kernel,
                )
            else {
                return []
            }
            return ProcNetTable.parse(String(decoding: bytes, as: UTF8.self), kind: kind)
        }
    }
}

extension ListeningSocket {
    fileprivate init(_ raw: chs_socket, kind: SocketKind) {
        let local = SocketAddress(raw.address)
        self.init(
            kind: kind,
            local: local,
            isDualStack: local.address == .anyIPv6 && raw.is_ipv6_only == 0,
            uid: raw.uid,
            id: raw.inode,
        )
    }
}
#endif

/// Linux's `/proc/net/tcp` and its siblings (proc_net_tcp.txt in the kernel's documentation).
enum ProcNetTable {
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
