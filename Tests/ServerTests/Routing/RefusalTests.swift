import HTTPTypes
import PortlessCore
import Runner
import Testing

@testable import Server

@Suite struct RefusalTests {
    @Test(arguments: ["/api", "/api/", "/api/nothing", "/api/apps/x/y/z", "/data", "/session"])
    func `what isn't there is a problem, never a page`(path: String) async throws {
        try await APIFixture.with { api in
            let answer = try await api.get(path)
            #expect(answer.status == 404)
            #expect(answer.headers[.contentType] == "application/problem+json")
            #expect(Problem.schema.problem(with: answer.json) == nil)
            #expect(answer.json["title"]?.string == "Not Found")
            #expect(answer.json["error"] == answer.json["detail"])
        }
    }

    @Test(arguments: ["PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", "PUT"])
    func `a method that a path hasn't is told from a path that isn't there`(
        method: String
    ) async throws {
        try await APIFixture.with { api in
            let answer = try await api.ask(try #require(.init(method)), "/api/apps")
            #expect(answer.status == 405)
            #expect(answer.headers[.allow] == "GET, HEAD, POST")
            let other = try await api.ask(try #require(.init(method)), "/api/apps/x/logs")
            #expect(other.status == 405)
        }
    }

    @Test func `a preflight gets no permission`() async throws {
        try await APIFixture.with { api in
            let answer = try await api.ask(
                .options,
                "/api/apps/shop/start",
                [
                    .origin: "http://evil.example",
                    .accessControlRequestMethod: "POST",
                ],
            )
            #expect(answer.status == 405)
            #expect(answer.headers[.accessControlAllowOrigin] == nil)
        }
    }

    @Test func `a page of another origin reads nothing and changes nothing`() async throws {
        try await APIFixture.with { api in
            let read = try await api.get("/api/apps", [.origin: "http://evil.example"])
            #expect(read.headers[.accessControlAllowOrigin] == nil)
            let change = try await api.ask(
                .post,
                "/api/apps/shop/start",
                [
                    .origin: "http://evil.example", .contentType: "application/json",
                    .authorization: "Bearer \(APIFixture.token.text)",
                ],
                "{}",
            )
            #expect(change.status == 403)
            #expect(change.code == "FOREIGN_ORIGIN")
        }
    }

    @Test(
        arguments: [
            ("cross-site", 403), ("Cross-Site", 403), ("same-origin, cross-site", 403),
            ("same-origin", 200), ("same-site", 200), ("none", 200), ("", 200),
        ]
    )
    func `pages of other sites get nothing of the API, and links to the page work`(
        site: String,
        status: Int,
    ) async throws {
        try await APIFixture.with { api in
            let answer = try await api.get("/api/apps", [.secFetchSite: site])
            #expect(answer.status == status)
            #expect((answer.code == "FOREIGN_SITE") == (status == 403))
            #expect(try await api.get("/", [.secFetchSite: site]).status == 200)
            let link = try await api.get("/session/x", [.secFetchSite: site])
            #expect(link.code == "LINK_USED")
        }
    }

    @Test func `every answer is kept from caches, frames and guesses`() async throws {
        try await APIFixture.with { api in
            for path in ["/api/apps", "/api/nothing", "/"] {
                let answer = try await api.get(path)
                #expect(answer.headers[.xContentTypeOptions] == "nosniff")
                #expect(answer.headers[.cacheControl]?.hasPrefix("no-") == true)
                #expect(answer.headers[.frameOptions] == "DENY")
            }
        }
    }

    @Test func `a rebound name is refused`() async throws {
        try await APIFixture.with { api in
            let answer = try await api.ask(.get, "/api/apps", authority: "evil.example:5555")
            #expect(answer.status == 403)
            #expect(answer.code == "HOST_NOT_ALLOWED")
            let page = try await api.ask(.get, "/", authority: "evil.example:5555")
            #expect(page.status == 403)
        }
    }

    @Test(
        arguments: [
            (nil, "{}", 415), ("text/plain", "{}", 415),
            ("application/x-www-form-urlencoded", "a=b", 415), ("application/json", "", 400),
            ("application/json", "{", 400), ("application/json", "[]", 400),
            ("application/json", #"{"ports":[0]}"#, 400),
            ("application/json; charset=utf-8", #"{"ports":[5570]}"#, 200),
        ] as [(String?, String, Int)]
    )
    func `a body has to be JSON of the right shape`(
        type: String?,
        body: String,
        status: Int,
    ) async throws {
        try await APIFixture.with { api in
            var headers = HTTPFields()
            headers[.contentType] = type
            let answer = try await api.ask(.post, "/api/ports/check", headers, body)
            #expect(answer.status == status, "\(answer.text)")
        }
    }

    @Test func `a body has its limit`() async throws {
        try await APIFixture.with { api in
            let body = "{\"ports\":[" + String(repeating: " ", count: 1 << 20) + "1]}"
            let answer = try await api.post("/api/ports/check", body)
            #expect(answer.status == 413)
        }
    }

    @Test func `beyond loopback nothing is told without the token`() async throws {
        try await APIFixture.with(isExposed: true) { api in
            let script = "/assets/\(DashboardFiles.embedded.version)/main.js"
            for path in ["/", script, "/api/apps", "/api/health", "/api/openapi.json"] {
                let answer = try await api.get(path)
                #expect(answer.status == 401, "\(path)")
            }
            let header: HTTPFields = [.authorization: "Bearer \(APIFixture.token.text)"]
            let answer = try await api.get("/api/apps", header)
            #expect(answer.status == 200)
        }
    }

    @Test func `a link leaves a cookie, once`() async throws {
        try await APIFixture.with { api in
            let made = try await api.post("/api/session/link")
            let path = try #require(made.json["path"]?.string)
            let first = try await api.get(path)
            #expect(first.status == 303)
            #expect(first.headers[.location] == "/")
            let cookie = try #require(first.headers[.setCookie])
            #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"))
            #expect(!cookie.contains("Secure"))
            #expect(try await api.get(path).status == 403)
            let value = String(cookie.prefix { $0 != ";" })
            let change = try await api.ask(
                .post,
                "/api/apps/shop/start",
                [
                    .cookie: "other=1; \(value)", .origin: "http://localhost:5555",
                    .contentType: "application/json",
                ],
                "{}",
            )
            #expect(change.status == 404)
            let stranger = try await api.get("/api/session")
            #expect(stranger.json["signedIn"]?.bool == false)
            let known = try await api.get("/api/session", [.cookie: value])
            #expect(known.json["signedIn"]?.bool == true)
        }
    }

    @Test func `a link over HTTPS leaves a cookie for HTTPS only`() async throws {
        try await APIFixture.with { api in
            let made = try await api.post("/api/session/link")
            let answer = try await api.get(
                try #require(made.json["path"]?.string),
                [.forwardedProto: "https"],
            )
            #expect(answer.headers[.setCookie]?.contains("Secure") == true)
        }
    }
}
