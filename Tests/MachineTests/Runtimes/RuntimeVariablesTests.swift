import SystemPackage
import Testing

@testable import Machine

@Suite struct RuntimeVariablesTests {
    private func additions(_ environment: [String: String]) -> [String: String] {
        RuntimeVariables.additions(
            ca: "/s/ca.pem",
            bundle: "/s/ca-bundle.pem",
            environment: environment,
        )
    }

    @Test func `what adds gets the CA, what replaces gets all roots`() {
        #expect(
            additions(["PATH": "/bin"]) == [
                "NODE_EXTRA_CA_CERTS": "/s/ca.pem",
                "DENO_CERT": "/s/ca.pem",
                "SSL_CERT_FILE": "/s/ca-bundle.pem",
                "CURL_CA_BUNDLE": "/s/ca-bundle.pem",
                "REQUESTS_CA_BUNDLE": "/s/ca-bundle.pem",
                "GIT_SSL_CAINFO": "/s/ca-bundle.pem",
                "AWS_CA_BUNDLE": "/s/ca-bundle.pem",
                "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": "/s/ca-bundle.pem",
            ]
        )
    }

    @Test func `without system roots nothing is replaced`() {
        let additions = RuntimeVariables.additions(ca: "/ca", bundle: nil, environment: [:])
        #expect(additions == ["NODE_EXTRA_CA_CERTS": "/ca", "DENO_CERT": "/ca"])
    }

    @Test func `what the user has set stays, even to nothing`() {
        for name in additions([:]).keys {
            #expect(additions([name: "/own.pem"])[name] == nil)
            #expect(additions([name: ""])[name] == nil)
        }
    }

    @Test(arguments: [
        ("SSL_CERT_FILE", ["CURL_CA_BUNDLE"]),
        ("SSL_CERT_DIR", ["SSL_CERT_FILE", "CURL_CA_BUNDLE"]),
        ("NIX_SSL_CERT_FILE", ["SSL_CERT_FILE"]),
        ("CURL_CA_BUNDLE", ["REQUESTS_CA_BUNDLE"]),
        ("REQUESTS_CA_BUNDLE", ["AWS_CA_BUNDLE"]),
        ("GIT_SSL_CAPATH", ["GIT_SSL_CAINFO"]),
    ])
    func `a variable that would win over the user's stays unset`(own: String, ours: [String]) {
        let additions = additions([own: "/own.pem"])
        for name in ours { #expect(additions[name] == nil) }
        #expect(additions["NODE_EXTRA_CA_CERTS"] == "/s/ca.pem")
    }
}
