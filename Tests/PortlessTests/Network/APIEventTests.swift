import PortlessCore
import Testing

@testable import portless

@Suite struct APIEventTests {
    private let text =
        """
        : a sign of life

        event: connected
        data: {}

        id: 42
        event: stdout
        data: {"line":"é: x"}

        retry: 5
        data: 1
        data: 2


        """

    private let expected = [
        APIEvent(name: "connected", data: .object([:]), id: nil),
        APIEvent(name: "stdout", data: .object(["line": .string("é: x")]), id: "42"),
        APIEvent(name: "message", data: .number("12"), id: "42"),
    ]

    @Test(arguments: [1, 2, 3, 7, 1000])
    func `events are found however the bytes are cut`(size: Int) {
        var parser = APIEventParser()
        var events: [APIEvent] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            events += parser.take(rest.prefix(size))
            rest = rest.dropFirst(size)
        }
        #expect(events == expected)
    }

    @Test func `an event without its end is none yet`() {
        var parser = APIEventParser()
        #expect(parser.take("event: a\ndata: {}\n".utf8).isEmpty)
        #expect(parser.take("\n".utf8).map(\.name) == ["a"])
    }
}
