import SystemPackage
import Testing

@testable import HostSystem

@Suite(.serialized)
struct LoopbackListenersTests {
    @Test func `each port listens on both loopback addresses`() throws {
        let port = try freePort()
        let listeners = try LoopbackListeners(ports: [port])
        defer { for socket in listeners.sockets { try? socket.close() } }
        let addresses = try listeners.sockets.map { try BoundSocket.address(of: $0) }
        #expect(addresses.first == SocketAddress(.loopbackIPv4, port: port))
        #expect(
            addresses.dropFirst().allSatisfy { $0 == SocketAddress(.loopbackIPv6, port: port) }
        )
        let found = try ListeningSockets.on(port: port).map(\.local)
        #expect(Set(found) == Set(addresses))
    }

    @Test func `when one port is taken, none stays open`() throws {
        let free = try freePort()
        let taken = try LoopbackListeners(ports: [0])
        defer { for socket in taken.sockets { try? socket.close() } }
        let port = try BoundSocket.address(of: taken.sockets[0]).port
        let error = #expect(throws: SystemError.self) {
            try LoopbackListeners(ports: [free, port])
        }
        #expect(error?.errno == .addressInUse)
        #expect(error?.operation.hasSuffix(" 127.0.0.1:\(port)") == true)
        #expect(PortProbe.isFree(free))
    }

    /// Outside the range from which the system gives ports to other tests.
    private func freePort() throws -> UInt16 {
        try #require((21_000...21_999).shuffled().first { PortProbe.isFree($0) })
    }
}
