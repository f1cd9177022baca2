import SystemPackage
import Testing

@testable import HostSystem

@Suite(.serialized)
struct LoopbackListenersTests {
    @Test(arguments: [IPAddress.loopbackIPv4, .loopbackIPv6])
    func `a listener is on its loopback address, and on no other`(address: IPAddress) throws {
        let port = try freePort()
        let socket: FileDescriptor
        do throws(SystemError) {
            socket = try LoopbackListeners.listen(address, port: port)
        } catch {
            // The machine may be without IPv6.
            #expect(address.isIPv6 && error.errno == .addressNotAvailable)
            return
        }
        defer { try? socket.close() }
        let local = SocketAddress(address, port: port)
        #expect(try BoundSocket.address(of: socket) == local)
        #expect(try ListeningSockets.on(port: port).map(\.local) == [local])
    }

    @Test func `a port that is taken is an error that names it`() throws {
        let taken = try LoopbackListeners.listen(.loopbackIPv4, port: 0)
        defer { try? taken.close() }
        let port = try BoundSocket.address(of: taken).port
        let error = #expect(throws: SystemError.self) {
            try LoopbackListeners.listen(.loopbackIPv4, port: port)
        }
        #expect(error?.errno == .addressInUse)
        #expect(error?.operation.hasSuffix(" 127.0.0.1:\(port)") == true)
    }

    /// Outside the range from which the system gives ports to other tests.
    private func freePort() throws -> UInt16 {
        try #require((21_000...21_999).shuffled().first { PortProbe.isFree($0) })
    }
}
