import Testing

@testable import HostSystem

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
