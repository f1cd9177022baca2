import Testing

@testable import PortlessCore

@Suite struct TailscaleStatusTests {
    private func status(
        _ node: String,
        state: String = "Running",
        tailnet: String = "{}",
    ) -> String {
        #"{"BackendState":"\#(state)","Self":\#(node),"CurrentTailnet":\#(tailnet)}"#
    }

    private func problem(
        _ output: String,
        _ provider: SharingProvider = .tailscale,
    ) -> TailscaleStatus.Problem? {
        do throws(TailscaleStatus.Problem) {
            _ = try TailscaleStatus(output, for: provider)
            return nil
        } catch {
            return error
        }
    }

    @Test func `the name is MagicDNS's, without its dot`() throws {
        let node = #"{"DNSName":"box.tail1234.ts.net.","Capabilities":["https"]}"#
        let found = try TailscaleStatus(status(node), for: .tailscale)
        #expect(found.name.description == "box.tail1234.ts.net")
    }

    @Test func `without one it is made of the host's and the tailnet's`() throws {
        let node = #"{"HostName":"Box","CapMap":{"https":null}}"#
        let tailnet = #"{"MagicDNSSuffix":"tail1234.ts.net"}"#
        let found = try TailscaleStatus(status(node, tailnet: tailnet), for: .tailscale)
        #expect(found.name.description == "box.tail1234.ts.net")
    }

    @Test func `each thing that is missing has its own answer`() {
        let named = #""DNSName":"box.ts.net.","ID":"n12""#
        #expect(problem("") == .unreadable)
        #expect(problem("Logged out.") == .unreadable)
        #expect(problem(status("{}", state: "Stopped")) == .disconnected)
        #expect(problem(status("{}", state: "NeedsLogin")) == .disconnected)
        #expect(problem(status("{}")) == .nameless)
        #expect(problem(status("{\(named)}")) == .httpsOff)
        let https = status(#"{\#(named),"CapMap":{"https://tailscale.com/cap/https":null}}"#)
        #expect(problem(https) == nil)
        let page = "https://login.tailscale.com/f/funnel?node=n12"
        #expect(problem(https, .funnel) == .funnelOff(page: page))
        let both = status(
            #"{\#(named),"Capabilities":["https","https://tailscale.com/cap/funnel"]}"#
        )
        #expect(problem(both, .funnel) == nil)
    }

    @Test func `ports in use are those of both lists, in the background and in terminals`() {
        let found = TailscaleServeStatus(
            #"""
            {"TCP":{"443":{"HTTPS":true},"x":{}},"Web":{"box.ts.net:443":{"Handlers":{"/":{"Proxy":
            "http://127.0.0.1:4123"}}},"box.ts.net:8443":{}},"Foreground":{"a1":{"TCP":{"10000":{}}}}}
            """#
        )
        #expect(found.ports == [443, 8443, 10000])
        #expect(found.leads(443, to: 4123))
        #expect(!found.leads(443, to: 4124))
        #expect(!found.leads(8443, to: 4123))
        for nothing in ["null", "", "{}", "[]", "No serve config", #"{"TCP":3,"Web":[]}"#] {
            #expect(TailscaleServeStatus(nothing).ports.isEmpty)
        }
    }

    @Test func `ports are handed out in the original's order`() {
        func port(_ provider: SharingProvider, _ used: Set<Port>) -> Port? {
            TailscaleServeStatus.port(for: provider, besides: used)
        }
        #expect(port(.tailscale, []) == 443)
        #expect(port(.tailscale, [443]) == 8443)
        #expect(port(.tailscale, Set([443] + (8443...8450).compactMap { Port($0) })) == 8451)
        #expect(port(.funnel, [443]) == 8443)
        #expect(port(.funnel, [443, 8443]) == 10000)
        #expect(port(.funnel, [443, 8443, 10000]) == nil)
    }
}
