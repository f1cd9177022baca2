import HostSystem
import PortlessCore
import Testing

@testable import Runner

struct HTTPProbeTests {
    private func first(_ answers: [Port: Int], _ ports: Port...) -> Port? {
        HTTPProbe { port, _, address in address == .loopbackIPv4 ? answers[port] : nil }
            .first(of: ports, host: nil)
    }

    @Test func `the first port that answers with a page is meant`() {
        #expect(first([9000: 200, 9001: 404], 8000, 9001, 9000) == 9001)
        #expect(first([:], 8000, 9000) == nil)
    }

    @Test func `a port that only refuses plain requests comes after all others`() {
        #expect(first([9229: 400, 9000: 200], 9229, 9000) == 9000)
        #expect(first([9229: 426], 9000, 9229) == 9229)
    }

    @Test func `a port on the other address counts, too`() {
        let probe = HTTPProbe { _, _, address in address == .loopbackIPv6 ? 200 : nil }
        #expect(probe.first(of: [9000], host: nil) == 9000)
    }

    @Test func `only HTTP's status line has a status`() {
        #expect(HTTPProbe.status(in: "HTTP/1.1 426 Upgrade Required\r\nA: b") == 426)
        #expect(HTTPProbe.status(in: "HTTP/1.0 200") == 200)
        #expect(HTTPProbe.status(in: "SSH-2.0-OpenSSH_9.2 200 x") == nil)
        #expect(HTTPProbe.status(in: "HTTP/1.1") == nil)
    }
}
