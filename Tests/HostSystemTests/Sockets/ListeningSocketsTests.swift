import CLibrary
import SystemPackage
import TestSupport
import Testing

@testable import HostSystem

@Suite(.serialized, .timeLimit(.minutes(1)))
struct ListeningSocketsTests {
    @Test(arguments: [IPAddress.loopbackIPv4, .loopbackIPv6, .anyIPv4, .anyIPv6])
    func `a listener is found with its holder`(address: IPAddress) throws {
        let socket = try BoundSocket.tcp(SocketAddress(address, port: 0))
        defer { try? socket.close() }
        let local = try BoundSocket.address(of: socket)
        #expect(try ListeningSockets.on(port: local.port).isEmpty)
        try #require(listen(socket.rawValue, 1) == 0)

        let found = try ListeningSockets.on(port: local.port)
        #expect(found.map(\.local) == [local])
        #expect(found.map(\.uid) == [getuid()])
        #expect(found.map(\.isDualStack) == [false])
        #expect(found.map(\.answersLoopback) == [true])
        let listener = try #require(found.first)
        #expect(try ListeningSockets.held(by: [getpid()]).contains(listener))
        #expect(try ListeningSockets.held(by: [getppid()]).contains(listener) == false)
        #expect(ListeningSockets.holders(of: found)[listener]?.contains(getpid()) == true)
    }

    @Test func `a socket at the very address gets a connection before one at all addresses`() {
        func socket(
            _ address: IPAddress,
            _ id: UInt64,
            isDualStack: Bool = false,
        )
            -> ListeningSocket
        {
            let local = SocketAddress(address, port: 4001)
            return ListeningSocket(
                kind: .tcp,
                local: local,
                isDualStack: isDualStack,
                uid: 0,
                id: id,
            )
        }
        func receiving(_ sockets: [ListeningSocket], _ address: IPAddress) -> [UInt64] {
            sockets.receiving(connectionsTo: address).map(\.id)
        }
        let dual = socket(.anyIPv6, 1, isDualStack: true)
        #expect(receiving([dual], .loopbackIPv4) == [1])
        #expect(receiving([dual, socket(.loopbackIPv4, 2)], .loopbackIPv4) == [2])
        #expect(receiving([dual, socket(.loopbackIPv4, 2)], .loopbackIPv6) == [1])
        #expect(receiving([socket(.anyIPv6, 1)], .loopbackIPv4).isEmpty)
        #expect(receiving([socket(.anyIPv4, 1)], .loopbackIPv6).isEmpty)
        let mapped = IPAddress(bytes: [UInt8](repeating: 0, count: 10) + [255, 255, 127, 0, 0, 1])
        #expect(receiving([dual, socket(mapped ?? .anyIPv6, 2)], .loopbackIPv4) == [2])
    }

    @Test func `an unconnected UDP socket is found`() throws {
        let socket = try BoundSocket.open(SocketAddress(.loopbackIPv4, port: 0), kind: .udp)
        defer { try? socket.close() }
        let local = try BoundSocket.address(of: socket)
        #expect(try ListeningSockets.on(port: local.port, .udp).map(\.local) == [local])
        #expect(try ListeningSockets.on(port: local.port, .tcp).isEmpty)
        #expect(!PortProbe.isFree(local.port, .udp))
    }

    @Test(arguments: [IPAddress.loopbackIPv4, .loopbackIPv6, .anyIPv4, .anyIPv6])
    func `a port with a listener on any address is not free`(address: IPAddress) throws {
        let socket = try BoundSocket.tcp(SocketAddress(address, port: 0))
        let port = try BoundSocket.address(of: socket).port
        try #require(listen(socket.rawValue, 1) == 0)
        #expect(!PortProbe.isFree(port))
        try socket.close()
        // Another test may be given the same port for a moment.
        waitUntil { PortProbe.isFree(port) }
    }

    @Test func `a port with lingering connections is free`() throws {
        let server = try BoundSocket.tcp(SocketAddress(.loopbackIPv4, port: 0))
        let local = try BoundSocket.address(of: server)
        try #require(listen(server.rawValue, 1) == 0)
        let client = try Captured(
            Spawn(
                executable: "/bin/bash",
                arguments: ["-c", "exec 5<>/dev/tcp/127.0.0.1/\(local.port) && cat <&5; echo end"],
                environment: ["PATH": "/usr/bin:/bin"],
            )
        )
        let connection = accept(server.rawValue, nil, nil)
        // The side that closes first is the one that lingers.
        shutdown(connection, Int32(SHUT_WR))
        #expect(try client.readLine() == "end")
        #expect(try client.process.wait() == .exited(0))
        close(connection)
        try server.close()
        waitUntil { PortProbe.isFree(local.port) }
    }

    @Test func `kernel and table agree`() throws {
        #if os(Linux)
        let socket = try BoundSocket.tcp(SocketAddress(.anyIPv6, port: 0))
        defer { try? socket.close() }
        try #require(listen(socket.rawValue, 1) == 0)
        let port = try BoundSocket.address(of: socket).port
        let bytes = try AtomicFile.read("/proc/net/tcp6")
        let listed = ProcNetTable.parse(String(decoding: bytes, as: UTF8.self), kind: .tcp)
        let asked = try ListeningSockets.on(port: port)
        #expect(listed.filter { $0.port == port }.map(\.id) == asked.map(\.id))
        #expect(listed.filter { $0.port == port }.map(\.local) == asked.map(\.local))
        #endif
    }
}

struct ProcNetTableTests {
    @Test func `listeners are read, connections are not`() {
        let table = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0 100 0 0 10 0
               1: 0100007F:1F90 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 4712 1 0 20 4 30 10 -1
               2: 0100007F:0
            """
        let expected = ListeningSocket(
            kind: .tcp,
            local: SocketAddress(.loopbackIPv4, port: 8080),
            isDualStack: false,
            uid: 1000,
            id: 4711,
        )
        #expect(ProcNetTable.parse(table, kind: .tcp) == [expected])
    }

    @Test func `IPv6 is stored in words`() {
        let table = """
            header
               0: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 9 1
               1: 00000000000000000000000000000000:0051 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 10 1
            """
        let sockets = ProcNetTable.parse(table, kind: .tcp)
        #expect(sockets.map(\.local.description) == ["[::1]:80", "[::]:81"])
        #expect(sockets.map(\.isDualStack) == [false, true])
    }

    @Test func `an unconnected UDP socket waits for peers`() {
        let table = """
            header
               0: 00000000:14E9 00000000:0000 07 0:0 0:0 0 70 0 12 2
               1: 0100007F:9000 0100007F:0035 01 0:0 0:0 0 70 0 13 2
            """
        #expect(ProcNetTable.parse(table, kind: .udp).map(\.port) == [5353])
    }
}
