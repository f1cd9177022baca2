import PortlessCore
import Testing

@testable import Browser

@Suite struct VisitTests {
    private var visit = Visit(
        rule: NavigationRule(tlds: [.localhost], proxyPort: 443),
        session: "s",
        frame: "main",
    )

    private static func paused(_ url: String, frame: String = "main") -> DevToolsEvent {
        DevToolsEvent(
            method: "Fetch.requestPaused",
            parameters: [
                "requestId": .string("r"), "frameId": .string(frame),
                "request": .object(["url": .string(url)]),
            ],
            session: "s",
        )
    }

    @Test func `a redirect to this machine isn't followed`() {
        var visit = visit
        #expect(visit.take(Self.paused("https://example.com/")) == .goOn(request: "r"))
        #expect(visit.refusal == nil)
        #expect(visit.take(Self.paused("http://127.0.0.1:22/")) == .refuse(request: "r"))
        #expect(visit.refusal == .address("127.0.0.1", .loopback))
    }

    @Test func `what a page embeds, and other sessions, are left alone`() {
        var visit = visit
        #expect(
            visit.take(Self.paused("http://localhost:3000/", frame: "child"))
                == .goOn(request: "r")
        )
        var other = Self.paused("http://127.0.0.1/")
        other.session = nil
        #expect(visit.take(other) == nil)
        #expect(visit.refusal == nil)
    }

    @Test func `an answer from this machine under a foreign name is refused`() {
        var visit = visit
        _ = visit.take(
            DevToolsEvent(
                method: "Network.responseReceived",
                parameters: [
                    "type": .string("Document"), "frameId": .string("main"),
                    "response": .object([
                        "url": .string("http://rebound.example/"),
                        "remoteIPAddress": .string("127.0.0.1"),
                    ]),
                ],
                session: "s",
            )
        )
        #expect(visit.refusal != nil)
    }

    @Test func `an event without what it should have does nothing`() {
        var visit = visit
        for method in [
            "Fetch.requestPaused", "Network.responseReceived", "Network.requestWillBeSent",
        ] {
            #expect(
                visit.take(DevToolsEvent(method: method, parameters: [:], session: "s")) == nil
            )
        }
        #expect(visit.refusal == nil)
    }
}
