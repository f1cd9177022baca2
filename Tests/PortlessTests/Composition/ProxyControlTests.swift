import PortlessCore
import SystemPackage
import Testing

@testable import portless

@Suite struct ProxyControlTests {
    @Test func `the daemon is told everything, so that it need not ask its environment`() throws {
        var request = ProxyRequest()
        request.port = 1355
        request.usesTLS = false
        request.tlds = try TLD.list(parsing: "test,dev.test")
        request.usesWildcards = true
        #expect(
            ProxyControl.arguments(ProxySettings(request), mayFallBack: false) == [
                "--port", "1355", "--no-tls", "--tld", "test", "--tld", "dev.test", "--wildcard",
            ]
        )
    }

    @Test func `by default it tries 443 and may fall back`() {
        #expect(
            ProxyControl.arguments(ProxySettings(ProxyRequest()), mayFallBack: true) == [
                "--port", "443", "--may-fall-back", "--https", "--tld", "localhost",
            ]
        )
    }

    @Test func `a certificate of one's own takes the place of the flag for TLS`() {
        var request = ProxyRequest()
        request.certificateFiles = .init(certificate: "/c.pem", key: "/k.pem")
        let arguments = ProxyControl.arguments(ProxySettings(request), mayFallBack: false)
        #expect(arguments.contains(["--cert", "/c.pem", "--key", "/k.pem"]))
        #expect(!arguments.contains("--https"))
    }
}
