import PortlessCore
import SystemPackage
import Testing

@testable import Runner

struct ChildEnvironmentTests {
    private var app: ChildEnvironment {
        ChildEnvironment(
            port: 4123,
            url: "https://app.localhost",
            topLevelDomains: ["localhost", "test"],
        )
    }

    @Test func `an app learns its port, address and name`() {
        let result = app.applied(to: ["PORT": "3000", "HOME": "/home/me"])
        #expect(
            result == [
                "HOME": "/home/me",
                "PORT": "4123",
                "HOST": "127.0.0.1",
                "PORTLESS_URL": "https://app.localhost",
                "__VITE_ADDITIONAL_SERVER_ALLOWED_HOSTS": ".localhost,.test",
                "RAILS_DEVELOPMENT_HOSTS": ".localhost,.test",
            ]
        )
    }

    @Test func `hosts that the user allows Rails stay allowed`() {
        let result = app.applied(to: ["RAILS_DEVELOPMENT_HOSTS": "dev.example.com"])
        #expect(result["RAILS_DEVELOPMENT_HOSTS"] == "dev.example.com,.localhost,.test")
    }

    @Test func `in LAN mode the host may be left to the app`() {
        var app = app
        app.isLAN = true
        app.host = nil
        let result = app.applied(to: ["HOST": "0.0.0.0"])
        #expect(result["PORTLESS_LAN"] == "1")
        #expect(result["HOST"] == "0.0.0.0")
    }

    @Test func `what the user set is kept`() {
        var app = app
        app.nodeCertificates = "/state/ca.pem"
        app.defaults = [
            "SSL_CERT_FILE": "/state/bundle.pem", "CURL_CA_BUNDLE": "/state/bundle.pem",
        ]
        let own = ["NODE_EXTRA_CA_CERTS": "/mine.pem", "SSL_CERT_FILE": ""]
        let kept = app.applied(to: own)
        #expect(kept["NODE_EXTRA_CA_CERTS"] == "/mine.pem")
        #expect(kept["SSL_CERT_FILE"]?.isEmpty == true)
        #expect(kept["CURL_CA_BUNDLE"] == "/state/bundle.pem")
        #expect(app.applied(to: [:])["NODE_EXTRA_CA_CERTS"] == "/state/ca.pem")
    }
}
