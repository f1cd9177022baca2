import HostSystem
import SystemPackage
import Testing

@testable import PortlessCore

@Suite struct ProxySettingsTests {
    private func settings(_ environment: [String: String]) throws -> ProxySettings {
        ProxySettings(try ProxyRequest(environment: environment))
    }

    @Test func `TLS on 443 is the default`() throws {
        let settings = try settings([:])
        #expect(settings.usesTLS)
        #expect(settings.port == 443)
        #expect(settings.tlds == [.localhost])
        #expect(!settings.isLAN)
    }

    @Test func `without TLS the port is 80`() throws {
        #expect(try settings(["PORTLESS_HTTPS": "0"]).port == 80)
        #expect(try settings(["PORTLESS_HTTPS": ""]).port == 443)
    }

    @Test func `a value that can't be used is an error`() {
        for text in ["abc", "0", "70000", "8080x"] {
            #expect(throws: EnvironmentError.notAPort(text, variable: "PORTLESS_PORT")) {
                try settings(["PORTLESS_PORT": text])
            }
        }
        for name in ["PORTLESS_HTTPS", "PORTLESS_LAN", "PORTLESS_WILDCARD"] {
            #expect(throws: EnvironmentError.notAChoice("maybe", variable: name)) {
                try settings([name: "maybe"])
            }
        }
    }

    @Test func `the original's spellings are understood`() throws {
        #expect(try settings(["PORTLESS_PORT": ""]).port == 443)
        #expect(try settings(["PORTLESS_PORT": " 8443 "]).port == 8443)
        for text in ["1", "true", "TRUE"] {
            #expect(try settings(["PORTLESS_WILDCARD": text]).usesWildcards)
        }
        for text in ["0", "false", "False"] {
            #expect(try !settings(["PORTLESS_HTTPS": text]).usesTLS)
        }
        #expect(try !settings(["PORTLESS_WILDCARD": ""]).usesWildcards)
    }

    @Test func `LAN mode puts its own TLD in front of the others`() throws {
        let settings = try settings(["PORTLESS_LAN_IP": "10.0.0.2", "PORTLESS_TLD": "test,local"])
        #expect(settings.isLAN)
        #expect(settings.tlds == [.local, try TLD(parsing: "test")])
        #expect(settings.withoutLAN.tlds.map(\.description) == ["test"])
        #expect(!settings.withoutLAN.isLAN)
        let usual = try self.settings(["PORTLESS_LAN": "1"])
        #expect(usual.tlds == [.local, .localhost])
        #expect(usual.withoutLAN.tlds == [.localhost])
        #expect(
            throws: EnvironmentError.notAnAddress("home", variable: "PORTLESS_LAN_IP")
        ) { try self.settings(["PORTLESS_LAN_IP": "home"]) }
    }

    @Test func `a killed proxy's LAN mode goes on unless it is refused`() throws {
        var leftover = ProxyMarkers()
        leftover.port = 8080
        leftover.tlds = [.local, try TLD(parsing: "test")]
        leftover.lanAddress = "10.0.0.2"
        #expect(ProxySettings(ProxyRequest().continuing(leftover)).tlds == leftover.tlds)
        let refused = try ProxyRequest(environment: ["PORTLESS_LAN": "0"]).continuing(leftover)
        #expect(!ProxySettings(refused).isLAN)
        #expect(ProxySettings(refused).tlds.map(\.description) == ["test"])
        // Killed while the machine had no address.
        leftover.lanAddress = nil
        #expect(ProxyRequest().continuing(leftover).isLAN == false)
        leftover.record = ProxyRecord(version: "1", process: .current, isLAN: true)
        #expect(ProxyRequest().continuing(leftover).isLAN == true)
    }

    @Test func `a certificate of one's own forces TLS`() {
        var request = ProxyRequest()
        request.usesTLS = false
        request.certificateFiles = .init(certificate: "c", key: "k")
        #expect(ProxySettings(request).usesTLS)
    }

    @Test func `a bad TLD is an error`() {
        #expect(throws: NameError.self) { try settings(["PORTLESS_TLD": "a_b"]) }
        #expect(throws: NameError.self) { try settings(["PORTLESS_TLD": "test,,a"]) }
    }

    @Test func `flags win over the environment`() throws {
        var flags = ProxyRequest()
        flags.tlds = [try TLD(parsing: "test")]
        let request = try ProxyRequest(environment: ["PORTLESS_TLD": "x", "PORTLESS_PORT": "8443"])
            .overridden(by: flags)
        #expect(request.tlds == flags.tlds)
        #expect(request.port == 8443)
    }

    @Test func `a killed proxy is continued only where it had a port`() throws {
        var leftover = ProxyMarkers()
        leftover.tlds = [try TLD(parsing: "test")]
        #expect(ProxyRequest().continuing(leftover) == ProxyRequest())
        leftover.port = 8080
        let continued = ProxyRequest().continuing(leftover)
        #expect(continued.port == 8080)
        #expect(continued.usesTLS == false)
        #expect(continued.tlds == leftover.tlds)
    }

    @Test func `only what was asked for explicitly can differ`() throws {
        let running = ProxyDescription(
            stateDirectory: StateDirectory(path: "/s"),
            isRunning: true,
            port: 443,
            usesTLS: true,
            tlds: [try TLD(parsing: "test")],
            isLAN: false,
        )
        #expect(running.differences(from: ProxyRequest()).isEmpty)
        let other = try ProxyRequest(environment: [
            "PORTLESS_HTTPS": "0", "PORTLESS_TLD": "localhost",
        ])
        #expect(
            running.differences(from: other) == [
                "requested plain HTTP", "requested TLD .localhost, running with TLD .test",
            ]
        )
        let lan = try ProxyRequest(environment: ["PORTLESS_LAN": "1", "PORTLESS_TLD": "x"])
        #expect(running.differences(from: lan) == ["requested LAN mode"])
        var local = running
        local.isLAN = true
        local.lanAddress = "10.0.0.2"
        local.tlds = [.local, .localhost]
        local.version = "1"
        #expect(local.differences(from: ProxyRequest()).isEmpty)
        #expect(try local.differences(from: ProxyRequest(environment: ["PORTLESS_LAN": "1"])) == [])
        #expect(
            try local.differences(from: ProxyRequest(environment: ["PORTLESS_LAN": "0"]))
                == ["requested no LAN mode"]
        )
        #expect(
            try local.differences(from: ProxyRequest(environment: ["PORTLESS_LAN_IP": "10.0.0.9"]))
                == ["requested LAN IP 10.0.0.9, running with 10.0.0.2"]
        )
        #expect(
            try local.differences(from: ProxyRequest(environment: ["PORTLESS_TLD": "test"]))
                == ["requested TLDs .local, .test, running with TLDs .local, .localhost"]
        )
    }
}
