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

    @Test func `LAN mode forces its own TLD`() throws {
        let settings = try settings(["PORTLESS_LAN_IP": "10.0.0.2", "PORTLESS_TLD": "test,local"])
        #expect(settings.isLAN)
        #expect(settings.tlds == [.local])
        #expect(settings.ignoredTLDs.map(\.description) == ["test"])
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
    }
}
