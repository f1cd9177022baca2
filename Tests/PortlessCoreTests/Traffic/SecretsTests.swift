import HostSystem
import TestSupport
import Testing

@testable import PortlessCore

@Suite struct SecretsTests {
    @Test(arguments: [
        "token", "access_token", "accessToken", "id-token", "code", "password", "userPassword",
        "pwd", "key", "api_key", "apiKey", "APIKEY", "x-api-key", "secret", "client_secret",
        "signature", "X-Amz-Signature", "sig", "Authorization", "Proxy-Authorization", "Cookie",
        "Set-Cookie", "X-CSRF-Token", "session", "PHPSESSID.session", "auth", "SAMLResponse",
        "credentials[0]", "code_verifier",
    ])
    func `a name with a secret's word in it is one`(name: String) {
        #expect(Secrets.isSecret(name))
    }

    @Test(arguments: [
        "", "q", "page", "keyword", "monkey", "country_code", "zipcode", "encode", "passenger",
        "author", "Accept", "Content-Type", "Host", "tokens_used_total_x", "User-Agent", "=", "%",
    ])
    func `other names are none`(name: String) {
        #expect(!Secrets.isSecret(name))
    }

    @Test(arguments: [
        ("/", "/"), ("/a?b=c", "/a?b=c"), ("/a?token=1", "/a?token=•••"),
        ("/a?x=1&token=1&y=2", "/a?x=1&token=•••&y=2"), ("/a?token=", "/a?token="),
        ("/a?token", "/a?token"), ("/a?to%6ben=1", "/a?to%6ben=•••"),
        ("/a?x=1;token=1", "/a?x=1;token=•••"), ("/a;session=1?b", "/a;session=•••?b"),
        ("/a#access_token=1&b=2", "/a#access_token=•••&b=2"),
        ("/a?x#token=1", "/a?x#token=•••"), ("/a?token=a=b=c", "/a?token=•••"),
        ("https://h/?code=é&é=1", "https://h/?code=•••&é=1"), ("?token=1", "?token=•••"),
        ("", ""),
    ])
    func `values of parameters are hidden by their names`(target: String, masked: String) {
        #expect(Secrets.masked(target: target) == masked)
    }

    @Test(arguments: [
        ("Authorization", "Bearer 1", "•••"), ("Cookie", "a=1; b=2", "•••"),
        ("referer", "https://h/?token=1", "https://h/?token=•••"),
        ("Location", "/next?code=1&state=2", "/next?code=•••&state=2"),
        ("Accept", "text/html", "text/html"), ("Sec-WebSocket-Key", "abc", "abc"),
        ("WWW-Authenticate", "Basic", "Basic"), ("X-Token", "", ""),
    ])
    func `values of headers are hidden by their names`(name: String, value: String, masked: String)
    {
        let field = TrafficDetails.Field(name: name, value: value)
        #expect(Secrets.masked(field) == TrafficDetails.Field(name: name, value: masked))
    }

    @Test func `a form's body is hidden like a query, other bodies are not`() {
        var details = TrafficDetails(.sample)
        details.request = TrafficDetails.Message(
            headers: [.init(name: "Content-Type", value: "application/x-www-form-urlencoded")],
            body: .text("user=a&password=b"),
        )
        details.response = TrafficDetails.Message(
            headers: [.init(name: "content-type", value: "text/plain")],
            body: .text("password=b"),
        )
        #expect(details.masked.request?.body == .text("user=a&password=•••"))
        #expect(details.masked.response?.body == .text("password=b"))
    }

    @Test func `masking twice changes no more, whatever the target is`() {
        let seeds = ["/a?token=1&x=2;code=3#key=4", "https://h/p;sid=1?b", "/?%3D=%&=1&&==;"]
        for var round in Fuzzing.rounds(default: 2_000) {
            let target = round.text(from: seeds, inserting: ["token=", "&", "%3D", "#", "•"])
            let masked = Secrets.masked(target: target)
            guard Secrets.masked(target: masked) != masked else { continue }
            Issue.record("\(round) \(target) → \(masked)")
            return
        }
    }
}

extension TrafficRecord {
    /// A request that is done.
    static var sample: TrafficRecord {
        var record = TrafficRecord(
            id: 7,
            began: Timestamp(milliseconds: 1_795_880_000_123),
            host: "api.shop.localhost",
            port: 443,
            method: "POST",
            path: "/a?token=s3cret&x=%20y",
            scheme: .https,
            version: .http2,
        )
        record.app = "api.shop"
        record.status = 201
        record.state = .done
        record.type = "application/json"
        record.upstream = "127.0.0.1:4312"
        record.requestBytes = 3
        record.responseBytes = 5
        record.firstByte = .microseconds(12_400)
        record.total = .microseconds(13_100)
        return record
    }
}

extension TrafficDetails {
    static var sample: TrafficDetails {
        var details = TrafficDetails(.sample)
        details.record.isInspected = true
        details.request = TrafficDetails.Message(
            headers: [
                .init(name: "Host", value: "api.shop.localhost"),
                .init(name: "Authorization", value: "Bearer s3cret"),
                .init(name: "Cookie", value: "a=1; b=2"),
                .init(name: "Content-Length", value: "3"),
                .init(name: "X-Kept", value: "yes"),
            ],
            body: .text("abc"),
        )
        details.response = TrafficDetails.Message(
            headers: [
                .init(name: "content-type", value: "application/json"),
                .init(name: "set-cookie", value: "sid=1; Path=/"),
            ],
            body: .base64("AAEC"),
            isBodyCut: true,
        )
        return details
    }
}
