import Testing

@testable import PortlessCore

@Suite struct HTTPArchiveTests {
    private let archive = HTTPArchive(version: "1.2.3", reveals: true)

    /// The members that HAR 1.2 requires, with their types; members of our own begin with `_`.
    private static let schema: [String: [String: String]] = [
        "": ["log": "an object"],
        "log": ["version": "a string", "creator": "an object", "entries": "a list"],
        "log.creator": ["name": "a string", "version": "a string"],
        "log.entries[]": [
            "startedDateTime": "a string", "time": "a number", "request": "an object",
            "response": "an object", "cache": "an object", "timings": "an object",
        ],
        "log.entries[].request": [
            "method": "a string", "url": "a string", "httpVersion": "a string",
            "cookies": "a list", "headers": "a list", "queryString": "a list",
            "headersSize": "a number", "bodySize": "a number",
        ],
        "log.entries[].request.cookies[]": ["name": "a string", "value": "a string"],
        "log.entries[].request.headers[]": ["name": "a string", "value": "a string"],
        "log.entries[].request.queryString[]": ["name": "a string", "value": "a string"],
        "log.entries[].request.postData": ["mimeType": "a string", "text": "a string"],
        "log.entries[].response": [
            "status": "a number", "statusText": "a string", "httpVersion": "a string",
            "cookies": "a list", "headers": "a list", "content": "an object",
            "redirectURL": "a string", "headersSize": "a number", "bodySize": "a number",
        ],
        "log.entries[].response.cookies[]": ["name": "a string", "value": "a string"],
        "log.entries[].response.headers[]": ["name": "a string", "value": "a string"],
        "log.entries[].response.content": ["size": "a number", "mimeType": "a string"],
        "log.entries[].cache": [:],
        "log.entries[].timings": ["send": "a number", "wait": "a number", "receive": "a number"],
    ]
    private static let optional: [String: [String: String]] = [
        "log.entries[].request": ["postData": "an object"],
        "log.entries[].request.postData": ["comment": "a string"],
        "log.entries[].response.content": [
            "text": "a string", "encoding": "a string", "comment": "a string",
            "compression": "a number",
        ],
    ]

    private func violations(_ value: JSONValue, at place: String = "") -> [String] {
        switch value {
        case .array(let values): return values.flatMap { violations($0, at: place + "[]") }
        case .object(let object):
            guard let required = Self.schema[place] else { return ["unknown object \(place)"] }
            let known = required.merging(Self.optional[place] ?? [:]) { first, _ in first }
            var found = required.keys.filter { object[$0] == nil }.map { "\(place) lacks \($0)" }
            for (key, value) in object.members where !key.hasPrefix("_") {
                if known[key] != value.kind { found.append("\(place).\(key) is \(value.kind)") }
                found += violations(value, at: place.isEmpty ? key : "\(place).\(key)")
            }
            return found
        default: return []
        }
    }

    @Test func `an archive has what HAR 1.2 requires, and nothing that it doesn't know`() {
        var failed = TrafficDetails(.sample)
        failed.record.status = nil
        failed.record.failure = "It broke off."
        failed.record.firstByte = nil
        var socket = TrafficDetails.sample
        socket.record.version = .webSocket
        socket.frames = [
            .init(
                time: .milliseconds(5),
                direction: .received,
                kind: .text,
                size: 2,
                start: .text("hi"),
                isCompressed: false,
            )
        ]
        let json = archive.json([.sample, .sample.masked, failed, socket])
        #expect(violations(json) == [])
        #expect(json["log"]?["entries"]?.array?.count == 4)
    }

    @Test func `an entry tells the exchange`() throws {
        let entry = archive.entry(.sample)
        let request = try #require(entry["request"])
        #expect(request["url"]?.string == "https://api.shop.localhost/a?token=s3cret&x=%20y")
        #expect(request["queryString"]?.array?.last?["value"]?.string == " y")
        #expect(request["cookies"]?.array?.map { $0["name"]?.string } == ["a", "b"])
        #expect(request["postData"]?["text"]?.string == "abc")
        let content = try #require(entry["response"]?["content"])
        #expect(content["encoding"]?.string == "base64")
        #expect(content["_truncated"]?.bool == true)
        #expect(entry["response"]?["cookies"]?.array?.map { $0["value"]?.string } == ["1"])
        #expect(entry["time"]?.decimal == 13.1)
        #expect(entry["timings"]?["wait"]?.decimal == 12.4)
    }

    @Test func `hidden secrets leave URLs valid, and no cookies`() throws {
        let request = try #require(archive.entry(TrafficDetails.sample.masked)["request"])
        #expect(
            request["url"]?.string == "https://api.shop.localhost/a?token="
                + "%E2%80%A2%E2%80%A2%E2%80%A2&x=%20y"
        )
        #expect(request["cookies"]?.array?.isEmpty == true)
        #expect(!archive.json([TrafficDetails.sample.masked]).compact.contains("s3cret"))
    }

    @Test func `packed bodies are unpacked, and their secrets hidden`() throws {
        let packed = try #require(
            Base64.decode(
                "H4sIAAAAAAACAystTi2yTVQrSCwuLs8vSrEtNk4uSi0BAAx64M4WAAAA"
            )
        )
        var details = TrafficDetails.sample
        details.record.responseBytes = Int64(packed.count)
        let message = TrafficDetails.Message(
            headers: [
                .init(name: "Content-Type", value: "application/x-www-form-urlencoded"),
                .init(name: "Content-Encoding", value: "gzip"),
            ],
            body: TrafficBody(packed),
        )
        details.request = message
        details.response = message
        let entry = HTTPArchive(version: "1.2.3").entry(details)
        #expect(entry["request"]?["postData"]?["text"]?.string == "user=a&password=•••")
        let content = try #require(entry["response"]?["content"])
        #expect(content["text"]?.string == "user=a&password=•••")
        #expect(content["encoding"] == nil)
        #expect(content["size"]?.integer == 22)
        #expect(content["compression"]?.integer == 22 - packed.count)
        let shown = archive.entry(details)["response"]?["content"]?["text"]
        #expect(shown?.string == "user=a&password=s3cret")
        #expect(violations(archive.json([details])) == [])
        details.response?.isBodyCut = true
        details.response?.body = TrafficBody(Array(packed.prefix(packed.count - 12)))
        let cut = archive.entry(details)["response"]?["content"]
        #expect(cut?["_truncated"]?.bool == true)
        #expect(cut?["compression"] == nil)
        #expect(cut?["size"]?.integer == packed.count)
    }

    @Test func `written entry by entry it is the same`() {
        let details = [TrafficDetails.sample, .sample.masked]
        let (start, end) = archive.frame
        let entries = details.map { archive.entry($0).compact }.joined(separator: ",")
        #expect(start + entries + end == archive.json(details).compact)
    }
}
