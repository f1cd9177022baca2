#if canImport(Darwin)
import Darwin
import Synchronization

extension ListeningSockets {
    /// macOS lists sockets only process by process; other users' show only to root.
    static func systemSockets(_ kind: SocketKind) throws(SystemError) -> [ListeningSocket] {
        try systemSockets(kind, of: ProcessRecord.allPIDs())
    }

    private static let recent = Mutex<(at: ContinuousClock.Instant, [ListeningSocket])?>(nil)
    private static let lifeOfRecent = Duration.milliseconds(200)

    static func recentSystemSockets() throws(SystemError) -> [ListeningSocket] {
        let known = recent.withLock(\.self)
        if let known, ContinuousClock.now - known.at < lifeOfRecent { return known.1 }
        let sockets = try systemSockets(.tcp)
        recent.withLock { $0 = (.now, sockets) }
        return sockets
    }

    static func systemSockets(
        _ kind: SocketKind,
        of processes: [Int32],
    ) throws(SystemError) -> [ListeningSocket] {
        var seen: Set<ListeningSocket> = []
        for process in processes {
            let uid = owner(of: process)
            for info in sockets(of: process) {
                if let socket = ListeningSocket(info, uid: uid), socket.kind == kind {
                    seen.insert(socket)
                }
            }
        }
        return Array(seen)
    }

    static func socketIDs(of process: Int32) -> [UInt64] {
        sockets(of: process).map(\.soi_so)
    }

    private static func owner(of process: Int32) -> UInt32 {
        var info = proc_bsdinfo()
        let size = Int32(MemoryLayout<proc_bsdinfo>.size)
        guard proc_pidinfo(process, PROC_PIDTBSDINFO, 0, &info, size) == size else { return 0 }
        return info.pbi_uid
    }

    /// Other users' processes show to root only.
    private static func sockets(of process: Int32) -> [socket_info] {
        Privileges.asRoot { visibleSockets(of: process) }
    }

    private static func visibleSockets(of process: Int32) -> [socket_info] {
        let stride = MemoryLayout<proc_fdinfo>.stride
        let needed = Int(proc_pidinfo(process, PROC_PIDLISTFDS, 0, nil, 0))
        guard needed > 0 else { return [] }
        var descriptors = [proc_fdinfo](repeating: proc_fdinfo(), count: needed / stride + 16)
        let size = Int32(descriptors.count * stride)
        let filled = Int(proc_pidinfo(process, PROC_PIDLISTFDS, 0, &descriptors, size))
        return descriptors.prefix(max(filled, 0) / stride).compactMap { descriptor in
            guard descriptor.proc_fdtype == UInt32(PROX_FDTYPE_SOCKET) else { return nil }
            var info = socket_fdinfo()
            let size = Int32(MemoryLayout<socket_fdinfo>.size)
            let count = proc_pidfdinfo(
                process,
                descriptor.proc_fd,
                PROC_PIDFDSOCKETINFO,
                &info,
                size,
            )
            return count == size ? info.psi : nil
        }
    }
}

extension ListeningSocket {
    /// Nil unless it waits for peers on an IP address.
    fileprivate init?(_ info: socket_info, uid: UInt32) {
        let kind: SocketKind
        let internet: in_sockinfo
        switch Int(info.soi_kind) {
        case SOCKINFO_TCP:
            guard info.soi_proto.pri_tcp.tcpsi_state == TSI_S_LISTEN else { return nil }
            kind = .tcp
            internet = info.soi_proto.pri_tcp.tcpsi_ini
        case SOCKINFO_IN where info.soi_protocol == IPPROTO_UDP:
            kind = .udp
            internet = info.soi_proto.pri_in
        default: return nil
        }
        let port = UInt16(bigEndian: UInt16(truncatingIfNeeded: internet.insi_lport))
        guard port != 0, internet.insi_fport == 0 else { return nil }
        let isIPv6 = Int32(internet.insi_vflag) & INI_IPV6 != 0
        // An IPv4 address stands after 12 bytes of padding.
        let bytes = withUnsafeBytes(of: internet.insi_laddr) { Array($0.prefix(16)) }
        guard let address = IPAddress(bytes: isIPv6 ? bytes : Array(bytes.suffix(4))) else {
            return nil
        }
        self.init(
            kind: kind,
            local: SocketAddress(address, port: port),
            isDualStack: isIPv6 && Int32(internet.insi_vflag) & INI_IPV4 != 0,
            uid: uid,
            id: info.soi_so,
        )
    }
}
#endif
