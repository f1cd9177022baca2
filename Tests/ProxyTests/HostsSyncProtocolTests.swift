import PortlessCore
import Testing

@testable import Proxy

@Suite struct HostsSyncProtocolTests {
    private static let challenge = String(repeating: "0f", count: 32)
    private static let token = String(repeating: "a1", count: 32)
    private let answers = HostsSyncProtocol(token: token)

    private func request(
        _ method: String = "HEAD",
        _ path: String = "/",
        host: String = "127.0.0.1:1355",
        fields: [String: String] = ["x-portless-hosts-sync-challenge": challenge],
    ) -> PageRequest {
        var request = PageRequest(isSecure: false)
        (request.method, request.path, request.authority) = (method, path, host)
        for (name, value) in fields { request.hostsSync.take(name) { value } }
        return request
    }

    private func order(_ fields: [String: String], method: String = "POST") -> Int? {
        answers.answer(request(method, "/.portless/hosts-sync", fields: fields))?.status
    }

    @Test(arguments: ["127.0.0.1:1355", "127.0.0.1", "[::1]:1355", "[::1]"])
    func `a challenge is answered with a proof of the token`(host: String) throws {
        let page = try #require(answers.answer(request(host: host)))
        #expect(page.status == 200)
        let fields = Dictionary(page.fields.map { ($0.name, $0.value) }) { first, _ in first }
        #expect(fields["x-portless-hosts-sync-auth"] == "1")
        #expect(fields["cache-control"] == "no-store")
        // printf CHALLENGE | openssl dgst -sha256 -hmac TOKEN
        let proof = "2be8178a52e3fa7712637252430cf1a456fb4bd6ff5d603c0fd493eaaef01d25"
        #expect(fields["x-portless-hosts-sync-proof"] == proof)
    }

    @Test func `a page in a browser gets no proof, nor does a name that leads here`() {
        let challenge = ["x-portless-hosts-sync-challenge": Self.challenge]
        for field in ["origin", "sec-fetch-site"] {
            #expect(answers.answer(request(fields: challenge.merging([field: "x"]) { $1 })) == nil)
        }
        for host in ["localhost:1355", "evil.example", "127.0.0.1.evil.example", ""] {
            #expect(answers.answer(request(host: host)) == nil)
            #expect(answers.answer(request("POST", "/.portless/hosts-sync", host: host)) == nil)
        }
    }

    @Test(arguments: [
        "", "0f", String(repeating: "0", count: 65), String(repeating: "g", count: 64),
    ])
    func `a challenge of another form is none`(challenge: String) {
        let fields = ["x-portless-hosts-sync-challenge": challenge]
        #expect(answers.answer(request(fields: fields)) == nil)
    }

    @Test func `only a HEAD of the root is a challenge`() {
        #expect(answers.answer(request("GET")) == nil)
        #expect(answers.answer(request("HEAD", "/x")) == nil)
        #expect(answers.answer(request(fields: [:])) == nil)
    }

    @Test
    func `an order is refused by its token, its sender and its method, and never carried out`() {
        let token = ["x-portless-hosts-sync-token": Self.token]
        #expect(order(token) == 409)
        #expect(order([:]) == 401)
        #expect(order(["x-portless-hosts-sync-token": ""]) == 401)
        #expect(order(["x-portless-hosts-sync-token": Self.token + "0"]) == 401)
        #expect(order(token.merging(["origin": "http://a.localhost"]) { $1 }) == 403)
        #expect(order(token, method: "GET") == 404)
    }
}
