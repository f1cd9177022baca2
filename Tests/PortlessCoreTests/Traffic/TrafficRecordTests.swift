import HostSystem
import Testing

@testable import PortlessCore

@Suite struct TrafficRecordTests {
    @Test func `a record in JSON is the record, with the members of the contract`() throws {
        let json = TrafficRecord.sample.json
        #expect(
            json.compact == """
                {"id":7,"at":"\(TrafficRecord.sample.began.text)","host":"api.shop.localhost",\
                "port":443,"app":"api.shop","method":"POST","path":"/a?token=s3cret&x=%20y",\
                "status":201,"state":"done","scheme":"https","protocol":"HTTP/2",\
                "type":"application/json","upstream":"127.0.0.1:4312","requestBytes":3,\
                "responseBytes":5,"firstByteMs":12.4,"totalMs":13.1,"inspected":false}
                """
        )
        #expect(TrafficRecord(json: try JSONValue(parsing: json.compact.utf8)) == .sample)
        #expect(TrafficRecord(json: .object([:])) == nil)
    }

    @Test func `details in JSON are the details`() throws {
        var details = TrafficDetails.sample
        #expect(TrafficDetails(json: details.json) == details)
        details.record.version = .webSocket
        details.droppedFrames = 3
        details.frames = [
            .init(
                time: .microseconds(1500),
                direction: .sent,
                kind: .text,
                size: 2,
                start: .text("hi"),
                isCompressed: false,
            ),
            .init(
                time: .microseconds(2500),
                direction: .received,
                kind: .binary,
                size: 900,
                start: .text(""),
                isCompressed: true,
            ),
        ]
        let text = details.json.compact
        #expect(TrafficDetails(json: try JSONValue(parsing: text.utf8)) == details)
        #expect(
            text.contains(#"{"atMs":1.5,"direction":"sent","kind":"text","size":2,"text":"hi""#)
        )
        #expect(text.contains(#""size":900,"compressed":true}"#))
    }

    @Test(arguments: [
        (TrafficRequest.list(last: 10)), .details(id: 3, reveals: true),
        .details(id: 4, reveals: false),
        .inspect(host: "shop.localhost", isOn: true),
    ])
    func `a watcher's line is what it asks`(request: TrafficRequest) {
        #expect(TrafficRequest(json: request.json) == request)
    }

    @Test(arguments: [
        TrafficEvent.hello(proxy: "1.2", version: "3", inspecting: ["*"]), .record(.sample),
        .lost(3), .inspecting(["a.localhost"]), .listed, .details(.sample), .missing(id: 9),
    ])
    func `a proxy's line is what it tells`(event: TrafficEvent) {
        #expect(TrafficEvent(json: event.json) == event)
    }

    @Test(
        arguments: [
            (Array("abc".utf8), false, TrafficBody.text("abc")), ([], false, .text("")),
            (Array("aé".utf8).dropLast(), true, .text("a")),
            (Array("a€".utf8).dropLast(), true, .text("a")),
            (Array("a€".utf8).dropLast(2), true, .text("a")),
            (Array("a😀".utf8).dropLast(), true, .text("a")), (Array("a😀".utf8), true, .text("a😀")),
            (Array("aé".utf8).dropLast(), false, .base64("YcM=")),
            ([0, 1], false, .base64("AAE=")),
            ([0x1B, 0x5B], false, .base64("G1s=")), ([0xFF], true, .base64("/w==")),
            ([0x80, 0x80, 0x80, 0x80], true, .base64("gICAgA==")),
        ] as [([UInt8], Bool, TrafficBody)]
    )
    func `bytes are text where they are, up to a character that was cut`(
        bytes: [UInt8],
        isCut: Bool,
        body: TrafficBody,
    ) {
        #expect(TrafficBody(bytes, isCut: isCut) == body)
    }

    @Test func `Base64 is read as it is written`() {
        for count in 0..<40 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ count) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
        #expect(Base64.decode("Zg") == Array("f".utf8))
        for broken in ["Z", "Zg*=", "Zm9v\n", "é"] { #expect(Base64.decode(broken) == nil) }
    }

    @Test(arguments: [
        (TrafficFilter(), true), (TrafficFilter(app: "shop"), true),
        (TrafficFilter(app: "api.shop"), true), (TrafficFilter(app: "API.shop.localhost"), true),
        (TrafficFilter(app: "hop"), false), (TrafficFilter(app: "blog"), false),
        (TrafficFilter(status: .init("201")), true), (TrafficFilter(status: .init("2XX")), true),
        (TrafficFilter(status: .init("4xx")), false), (TrafficFilter(status: .failed), false),
        (TrafficFilter(method: "post"), true), (TrafficFilter(method: "GET"), false),
        (TrafficFilter(text: "TOKEN"), true), (TrafficFilter(text: "json"), true),
        (TrafficFilter(text: "nope"), false),
        (TrafficFilter(app: "shop", method: "GET"), false),
    ])
    func `a filter lets records through that fit all its parts`(filter: TrafficFilter, fits: Bool) {
        #expect(filter.matches(.sample) == fits)
    }

    @Test(arguments: ["", "x", "9xx", "0xx", "99", "1000", "2x", "xxx"])
    func `what is no status filters nothing`(text: String) {
        #expect(TrafficFilter.Status(text) == nil)
    }
}
