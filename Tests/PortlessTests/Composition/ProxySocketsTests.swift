import HostSystem
import PortlessCore
import SystemPackage
import Testing

@testable import portless

@Suite struct ProxySocketsTests {
    @Test(
        arguments: [
            ([443, 80], nil, 443), ([80, 443, 8443], nil, 443), ([80, 1355], nil, 1355),
            ([8443, 1355], nil, 1355), ([8443, 1355], 8443, 8443), ([80], nil, 80),
            ([80, 443], 1355, 443), ([], nil, nil),
        ] as [([UInt16], UInt16?, UInt16?)]
    )
    func `the port of the names is the wanted one, else 443, else the lowest but 80`(
        ports: [UInt16],
        wanted: UInt16?,
        main: UInt16?,
    ) {
        let port = ProxySockets.mainPort(
            of: Set(ports.compactMap { Port(rawValue: $0) }),
            preferring: wanted.flatMap { Port(rawValue: $0) },
        )
        #expect(port?.rawValue == main)
    }

    @Test func `a port that is taken is reported as such`() throws {
        let first = try LoopbackListeners.listen(.loopbackIPv4, port: 0)
        defer { try? first.close() }
        let number = try BoundSocket.address(of: first).port
        let port = try #require(Port(rawValue: number))
        let failure = #expect(throws: BindFailure.self) {
            try ProxySockets.open(port, redirectsHTTP: false, isLAN: false, warn: { _ in })
        }
        #expect(failure?.isUnavailable == true)
        #expect(failure?.isDenied == false)
        #expect(failure?.description.contains("port \(port)") == true)
    }

    @Test func `only LAN mode listens beyond loopback`() throws {
        for isLAN in [false, true] {
            let free = try LoopbackListeners.listen(.loopbackIPv4, port: 0)
            let port = try #require(Port(rawValue: BoundSocket.address(of: free).port))
            try free.close()
            let sockets = try ProxySockets.open(
                port,
                redirectsHTTP: false,
                isLAN: isLAN,
                warn: { _ in },
            )
            let addresses = try sockets.all.map { try BoundSocket.address(of: $0).address }
            for socket in sockets.all { try socket.close() }
            #expect(addresses.first == (isLAN ? .anyIPv4 : .loopbackIPv4))
            #expect(addresses.allSatisfy { $0.isLoopback != isLAN })
        }
    }

    @Test func `the next port is taken where the first can't be had`() throws {
        let first = try LoopbackListeners.listen(.loopbackIPv4, port: 0)
        defer { try? first.close() }
        let other = try LoopbackListeners.listen(.loopbackIPv4, port: 0)
        let ports = try [first, other].map { socket in
            try #require(Port(rawValue: BoundSocket.address(of: socket).port))
        }
        try other.close()
        var settings = ProxySettings(ProxyRequest())
        settings.port = ports[0]
        let sockets = try ProxySockets.open(ports, settings: settings, warn: { _ in })
        defer { for socket in sockets.all { try? socket.close() } }
        #expect(sockets.port == ports[1])
        let failure = #expect(throws: BindFailure.self) {
            try ProxySockets.open([ports[0]], settings: settings, warn: { _ in })
        }
        #expect(failure?.port == ports[0])
    }
}
