import HTTPTypes
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Server

/// Bodies, paths and queries that are nearly right: each has an answer that the API describes.
struct BodyFuzzTests {
    private static let words = [
        "{", "}", "[", "]", ",", "\"", "null", "true", "1e400", "9e18", "-1", "0", "65536",
        "9223372036854775807", "99999999999999999999", "0.5", "\"\"", "{}", "[]", "\\u0000",
        "\u{FFFD}", "..", "/", "\"x\":", "[[[[", "{\"a\":",
    ]

    private static let seeds: [(HTTPRequest.Method, String, String)] = [
        (.post, "/api/apps", #"{"repoPath":"/","name":"x","uiPort":5570,"processes":[]}"#),
        (.put, "/api/apps/shop", #"{"name":"x","uiPort":null,"processes":[{"name":"web"}]}"#),
        (.post, "/api/apps/shop/start", #"{"process":"p0"}"#),
        (.post, "/api/apps/shop/stop", "{}"),
        (.post, "/api/ports/check", #"{"ports":[5570,80]}"#),
        (.post, "/api/ports/allocate", #"{"count":3,"app":"shop"}"#),
        (.post, "/api/detect/pm2", #"{"name":"p0"}"#),
        (.post, "/api/detect/repo", #"{"path":"/nowhere"}"#),
        (
            .post, "/api/up",
            """
            {"plan":{"app":"shop","directory":"/p","log":{"size":1,"count":1},"processes":[
            {"name":"web","command":["a"],"directory":"/p","ports":{"api":5570},"killTimeout":5,
            "restart":{"limit":1,"finalCodes":[1],"backoff":3},"environment":{"A":"b"},
            "memoryLimit":3,"primaryPort":4}]},"only":["web"]}
            """,
        ),
    ]

    @Test func `mutated bodies are refused or done`() async throws {
        let shop = try SupervisedApp.make("shop", [.online, .crashLooping])
        try await APIFixture.with([shop]) { api in
            for var round in Fuzzing.rounds(default: 250) {
                let (method, path, body) = Self.seeds[round.random.below(Self.seeds.count)]
                let mutant = round.text(from: [body], inserting: Self.words)
                let answer = try await api.change(method, path, mutant)
                // 500 would be an error that no code expected.
                let isExpected = answer.status < 500 || answer.status == 502
                #expect(isExpected, "\(round) \(path): \(answer.text) \(mutant)")
                if !isExpected { return }
            }
        }
    }

    @Test func `mutated paths and queries are refused or answered`() async throws {
        let shop = try SupervisedApp.make("shop", [.online])
        let seeds = [
            "/api/apps/shop/logs?lines=5&process=p0", "/api/logs/p0?lines=3", "/api/logs/app/shop",
            "/api/apps/shop/status", "/api/ports", "/api/routes", "/api/apps/%C3%A9?x=%00",
        ]
        try await APIFixture.with([shop]) { api in
            for var round in Fuzzing.rounds(default: 300) {
                let path = round.text(
                    from: seeds,
                    inserting: ["%", "%00", "%FF", "?", "&", "=", "/", "//", "lines=-1", "é", ";"],
                )
                guard path.hasPrefix("/"), !path.contains("follow") else { continue }
                let answer = try await api.get(path)
                #expect(answer.status < 500, "\(round) \(path): \(answer.text)")
            }
        }
    }

    @Test func `any header says who may ask, and nothing else`() async throws {
        let seeds = [
            "Bearer \(APIFixture.token.text)", "portless_session=1.ab; a=b",
            "http://localhost:5555",
            "same-origin", "9223372036854775807.ab", "[::1]:5555", "127.0.0.1, ::1",
        ]
        try await APIFixture.with { api in
            for var round in Fuzzing.rounds(default: 300) {
                let texts = (0..<5).map { _ in round.text(from: seeds, inserting: [";", "=", "."]) }
                let headers: HTTPFields = [
                    .authorization: texts[0], .cookie: texts[1], .origin: texts[2],
                    .secFetchSite: texts[3], .forwardedFor: texts[4],
                    .contentType: "application/json",
                ]
                let answer = try await api.ask(.post, "/api/apps/x/start", headers, "{}")
                #expect([401, 403, 404].contains(answer.status), "\(round): \(answer.text)")
            }
        }
    }
}
