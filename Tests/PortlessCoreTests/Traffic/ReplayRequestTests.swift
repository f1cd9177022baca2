import Testing

@testable import PortlessCore

@Suite struct ReplayRequestTests {
    private func replay(
        _ edit: ReplayRequest.Edit = .init(),
        of details: TrafficDetails = .sample,
    ) throws(ReplayRefusal) -> ReplayRequest {
        try ReplayRequest(repeating: details, edit)
    }

    @Test
    func `the recorded request is repeated with its secrets, but for its connection's fields`()
        throws
    {
        let request = try replay()
        #expect(request.method == "POST")
        #expect(request.path == "/a?token=s3cret&x=%20y")
        #expect(request.host == "api.shop.localhost")
        #expect(request.scheme == .https)
        #expect(request.headers.map(\.name) == ["Authorization", "Cookie", "X-Kept"])
        #expect(request.headers[0].value == "Bearer s3cret")
        #expect(request.body == Array("abc".utf8))
    }

    @Test func `hidden secrets of a changed request are the recorded ones`() throws {
        let request = try replay(
            .init(
                method: "PUT",
                path: "/b?token=%E2%80%A2%E2%80%A2%E2%80%A2&x=1",
                headers: [
                    .init(name: "authorization", value: "•••"),
                    .init(name: "Cookie", value: "c=3"),
                    .init(name: "X-New", value: "•••"),
                ],
                body: Array("new".utf8),
            )
        )
        #expect(request.method == "PUT")
        #expect(request.path == "/b?token=s3cret&x=1")
        #expect(request.headers.map(\.value) == ["Bearer s3cret", "c=3", "•••"])
        #expect(request.body == Array("new".utf8))
        #expect(try replay(.init(path: "/a?token=•••")).path == "/a?token=s3cret")
        #expect(try replay(.init(path: "/?token=mine")).path == "/?token=mine")
    }

    @Test func `a form that still holds hidden values is the recorded form`() throws {
        var details = TrafficDetails.sample
        details.request?.headers = [
            .init(name: "content-type", value: "application/x-www-form-urlencoded")
        ]
        details.request?.body = .text("user=a&password=b")
        let hidden = Array("user=a&password=•••".utf8)
        #expect(
            try replay(.init(body: hidden), of: details).body == Array("user=a&password=b".utf8)
        )
    }

    @Test func `what can't be repeated as it was is refused, unless the gap is filled`() throws {
        var cut = TrafficDetails.sample
        cut.request?.isBodyCut = true
        #expect(throws: ReplayRefusal.cutBody) { try replay(of: cut) }
        #expect(try replay(.init(body: [1]), of: cut).body == [1])
        var bare = TrafficDetails(.sample)
        #expect(throws: ReplayRefusal.unrecordedBody) { try replay(of: bare) }
        bare.record.requestBytes = 0
        #expect(try replay(of: bare).headers.isEmpty)
        bare.record.path = "/" + String(repeating: "a", count: TrafficLimits.path)
        #expect(throws: ReplayRefusal.cutPath) { try replay(of: bare) }
        #expect(try replay(.init(path: "/short"), of: bare).path == "/short")
        bare.record.version = .webSocket
        #expect(throws: ReplayRefusal.webSocket) { try replay(of: bare) }
    }

    @Test func `nothing that isn't a request's part gets into one`() {
        for method in ["", "GE T", "GET\r\n", "CONNECT", "é"] {
            #expect(throws: ReplayRefusal.invalidMethod(method)) {
                try replay(.init(method: method))
            }
        }
        for path in ["", "a", "/a b", "/a\r\nX: y", "/é", "http://h/"] {
            #expect(throws: ReplayRefusal.invalidPath) { try replay(.init(path: path)) }
        }
        for (name, value) in [("A", "b\r\nC: d"), ("A b", "c"), ("", "c"), ("A", "\u{0}")] {
            let field = TrafficDetails.Field(name: name, value: value)
            #expect(throws: ReplayRefusal.invalidHeader(name)) {
                try replay(.init(headers: [field]))
            }
        }
    }
}
