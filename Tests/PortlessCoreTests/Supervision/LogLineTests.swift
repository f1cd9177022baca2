import HostSystem
import Testing

@testable import PortlessCore

@Suite struct LogLineTests {
    private let line = LogLine(
        process: "web",
        time: Timestamp(microseconds: 1_795_250_479_123_456),
        cursor: 1_795_250_479_123_457,
        stream: .error,
        text: "no \"database\"",
    )

    @Test func `a line survives each of its forms`() throws {
        #expect(LogLine(json: line.json) == line)
        #expect(line.event.name == "stderr")
        #expect(LogLine(json: line.event.data) == line)
        let json =
            #"{"process":"web","time":1795250479123456,"cursor":1795250479123457,"#
            + #""stream":"err","text":"no \"database\""}"#
        #expect(line.json.compact == json)
    }

    @Test func `a keeper of an older version is understood`() throws {
        let old = try JSONValue(
            parsing: #"{"line":"web","time":5,"cursor":6,"stream":"out","text":"x"}"#.utf8
        )
        let time = Timestamp(microseconds: 5)
        let expected = LogLine(
            process: "web",
            time: time,
            cursor: 6,
            stream: .output,
            text: "x",
        )
        #expect(LogLine(json: old) == expected)
    }

    @Test(arguments: ["1", "{}", #"{"process":"web","time":"x","stream":"out","text":"y"}"#])
    func `anything else is no line`(text: String) throws {
        #expect(LogLine(json: try JSONValue(parsing: text.utf8)) == nil)
    }
}
