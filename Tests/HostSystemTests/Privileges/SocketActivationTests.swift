import SystemPackage
import Testing

@testable import HostSystem

struct SocketActivationTests {
    @Test func `sockets for this process count from 3`() {
        let sockets = SocketActivation.sockets(
            environment: ["LISTEN_FDS": "3", "LISTEN_PID": "42", "LISTEN_FDNAMES": "https:http"],
            pid: 42,
        )
        #expect(sockets.map(\.descriptor.rawValue) == [3, 4, 5])
        #expect(sockets.map(\.name) == ["https", "http", nil])
    }

    @Test(
        arguments: [
            [:],
            ["LISTEN_FDS": "1"],
            ["LISTEN_FDS": "1", "LISTEN_PID": "41"],
            ["LISTEN_FDS": "0", "LISTEN_PID": "42"],
            ["LISTEN_FDS": "-1", "LISTEN_PID": "42"],
            ["LISTEN_FDS": "many", "LISTEN_PID": "42"],
        ]
    )
    func `sockets that are not for us are not taken`(environment: [String: String]) {
        #expect(SocketActivation.sockets(environment: environment, pid: 42).isEmpty)
    }
}
