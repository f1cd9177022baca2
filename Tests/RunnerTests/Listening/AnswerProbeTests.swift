import HostSystem
import PortlessCore
import SystemPackage
import Testing

@testable import Runner

@Suite struct AnswerProbeTests {
    private func probe(_ health: HealthCheck? = nil) -> AnswerProbe {
        AnswerProbe(port: 4000, host: nil, speaksHTTP: true, health: health)
    }

    @Test func `any answer of HTTP below 500 will do, and so does any other protocol`() {
        let probe = probe()
        for answer in [
            "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 404 Not Found\r\n\r\n", "HTTP/1.0 301 \r\n",
            "\u{15}\u{3}\u{1}", "-ERR unknown command\r\n", "HTTP/1.1 499 \r\n",
        ] { #expect(probe.answer(.answer(answer)) == .ready, "\(answer)") }
        #expect(
            probe.answer(.answer("HTTP/1.1 503 Service Unavailable\r\n\r\n"))
                == .notYet("answers with 503")
        )
        #expect(probe.answer(.refused) == .notYet("doesn't listen on port 4000"))
        #expect(probe.answer(.silent) == .notYet("listens on port 4000, and doesn't answer"))
        #expect(
            probe.answer(.closed) == .notYet("closes connections to port 4000 without an answer")
        )
    }

    @Test func `a health check wants its own statuses, in HTTP`() {
        var health = HealthCheck(path: "/healthz")
        #expect(probe(health).answer(.answer("HTTP/1.1 204 \r\n")) == .ready)
        #expect(
            probe(health).answer(.answer("HTTP/1.1 404 \r\n"))
                == .notYet("answers /healthz with 404, not 200–399")
        )
        #expect(
            probe(health).answer(.answer("-ERR\r\n"))
                == .notYet("doesn't answer /healthz in HTTP")
        )
        health.statuses = [204...204, 500...599]
        #expect(probe(health).answer(.answer("HTTP/1.1 503 \r\n")) == .ready)
        #expect(
            probe(health).answer(.answer("HTTP/1.1 200 \r\n"))
                == .notYet("answers /healthz with 200, not 204, 500–599")
        )
    }

    @Test func `a label with a TCP name isn't asked in HTTP`() throws {
        var process = SupervisedProcess(name: "db", state: .online)
        process.ports = [.init(label: "api", port: 4000)]
        var plan = PlannedProcess(name: "db", command: ["db"], directory: "/", environment: [:])
        for (spoken, isHTTP) in [(Route.UpstreamProtocol.tcp, false), (.http1, true)] {
            plan.names.labels = [
                RouteLabel(
                    label: "api",
                    hostname: try #require(Hostname("api.shop.localhost")),
                    port: 4000,
                    upstreamProtocol: spoken,
                )
            ]
            let probe = try #require(AnswerProbe(of: process, plan))
            #expect(probe.speaksHTTP == isHTTP)
        }
    }
}
