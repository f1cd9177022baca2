import SystemPackage
import Testing

@testable import Machine

@Suite struct RuntimeVariablesTests {
    private func values(_ environment: [String: String]) -> [String: String] {
        RuntimeVariables.values(
            ca: "/s/ca.pem",
            bundle: "/s/ca-bundle.pem",
            environment: environment,
            including: { $0 == "/broken.pem" ? nil : FilePath("/s/with" + $0) },
        )
    }

    @Test func `what adds gets the CA, what replaces gets all roots`() {
        #expect(
            values(["PATH": "/bin"]) == [
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
        let values = RuntimeVariables.values(
            ca: "/ca",
            bundle: nil,
            environment: [:],
            including: { _ in nil },
        )
        #expect(values == ["NODE_EXTRA_CA_CERTS": "/ca", "DENO_CERT": "/ca"])
    }

    @Test func `a variable that the user has set gets a bundle with the user's file`() {
        for name in Array(values([:]).keys) + ["NIX_SSL_CERT_FILE"] {
            #expect(values([name: "/own.pem"])[name] == "/s/with/own.pem")
        }
    }

    @Test func `one that is set to nothing, or to a file that can't be used, stays`() {
        for name in values([:]).keys {
            #expect(values([name: ""])[name] == nil)
            #expect(values([name: "/broken.pem"])[name] == nil)
        }
    }

    @Test(arguments: [
        ("SSL_CERT_FILE", ["CURL_CA_BUNDLE"]),
        ("NIX_SSL_CERT_FILE", ["SSL_CERT_FILE", "CURL_CA_BUNDLE"]),
        ("CURL_CA_BUNDLE", ["REQUESTS_CA_BUNDLE"]),
        ("REQUESTS_CA_BUNDLE", ["AWS_CA_BUNDLE"]),
    ])
    func `a variable that would win over the user's has the user's file`(
        own: String,
        ours: [String],
    ) {
        for name in ours {
            #expect(values([own: "/own.pem"])[name] == "/s/with/own.pem")
            #expect(values([own: "/broken.pem"])[name] == nil)
        }
        #expect(values([own: "/own.pem"])["NODE_EXTRA_CA_CERTS"] == "/s/ca.pem")
    }

    @Test(arguments: [("SSL_CERT_DIR", "CURL_CA_BUNDLE"), ("GIT_SSL_CAPATH", "GIT_SSL_CAINFO")])
    func `a file that would win over the user's folder stays unset`(own: String, ours: String) {
        #expect(values([own: "/certs"])[ours] == nil)
        #expect(values([own: "/certs"])[own] == nil)
    }
}
