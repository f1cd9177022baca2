import NIOCore
import NIOEmbedded
import PortlessCore
import Testing

@testable import Proxy

/// A recorder with a clock of its own, and a watcher without a socket.
@Suite struct TrafficRecorderTests {
    private final class Published {
        var records: [TrafficRecord] = []
        var lost = 0
    }

    private let eventLoop = EmbeddedEventLoop()
    private let published = Published()

    private func recorder(
        capacity: Int = 1000,
        limit: Int = .max,
    ) -> TrafficRecorder {
        TrafficRecorder(
            eventLoop: eventLoop,
            configuration: ProxyConfiguration(port: 443, certificates: nil, version: "test"),
            ids: TrafficIDs(),
            capacity: capacity,
            limit: limit,
        ) { [published] records, lost in
            published.records += records
            published.lost += lost
        }
    }

    private func begin(_ recorder: TrafficRecorder, path: String = "/") throws -> TrafficEntry {
        let bytes = ByteBuffer(string: "GET \(path) HTTP/1.1\r\nHost: app.localhost\r\n\r\n")
        var head = RequestHead()
        #expect(try head.parse(bytes.readableBytesUInt8Span))
        return try #require(recorder.begin(head, bytes, isSecure: true))
    }

    @Test func `the last thousand records are kept`() throws {
        let recorder = recorder()
        for number in 1...2500 {
            let entry = try begin(recorder, path: "/\(number)")
            #expect(entry.id == Int64(number))
            if number % 100 == 0 { eventLoop.advanceTime(by: .milliseconds(30)) }
        }
        let records = recorder.records(last: 5000)
        #expect(records.map(\.id) == Array(1501...2500))
        #expect(records.first?.path == "/1501")
        #expect(recorder.records(last: 2).map(\.id) == [2499, 2500])
        #expect(recorder.details(of: 1500) == nil)
        #expect(published.records.count == 2500)
        #expect(published.lost == 0)
    }

    @Test func `changes within a moment are published as one, and too many are counted`() throws {
        let recorder = recorder()
        let entry = try begin(recorder)
        entry.ended()
        #expect(published.records.isEmpty)
        eventLoop.advanceTime(by: .milliseconds(30))
        #expect(published.records.map(\.state) == [.done])
        for _ in 0..<1200 { _ = try begin(recorder) }
        eventLoop.advanceTime(by: .milliseconds(30))
        #expect(published.records.count == 1001)
        #expect(published.lost == 200)
    }

    @Test func `a growing answer is published once a second, an event stream's not`() throws {
        let recorder = recorder()
        for (type, count) in [("text/plain", 2), ("text/event-stream", 1)] {
            published.records = []
            let entry = try begin(recorder)
            let bytes = ByteBuffer(
                string: "HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\n\r\n"
            )
            var head = ResponseHead()
            #expect(try head.parse(bytes.readableBytesUInt8Span, answering: .get))
            entry.answerBegan(head, bytes.readableBytesUInt8Span, isChunked: false)
            eventLoop.advanceTime(by: .milliseconds(30))
            for _ in 0..<100 { entry.received(ByteBuffer(string: "abc")) }
            eventLoop.advanceTime(by: .seconds(2))
            #expect(published.records.count == count)
            #expect(recorder.records(last: 1).first?.responseBytes == 300)
        }
    }

    @Test func `details beyond the limit go, the oldest first`() throws {
        let recorder = recorder(limit: 10_000)
        recorder.inspected = ["app.localhost"]
        var entries: [TrafficEntry] = []
        for _ in 0..<10 {
            let entry = try begin(recorder)
            entry.sent(ByteBuffer(repeating: 65, count: 2000))
            entries.append(entry)
        }
        let kept = entries.map { $0.details.request != nil }
        #expect(kept.last == true)
        #expect(kept.first == false)
        #expect(kept == kept.sorted { !$0 && $1 })
        #expect((2...5).contains(kept.count(where: \.self)))
        #expect(entries.map(\.snapshot.isInspected) == kept)
        recorder.stop()
        #expect(entries.allSatisfy { $0.details.request == nil })
        // An exchange goes on after its details are gone.
        entries.last?.sent(ByteBuffer(string: "more"))
        #expect(entries.last?.details.request == nil)
        #expect(entries.last?.snapshot.requestBytes == 2004)
    }

    @Test func `a record that left the ring holds nothing`() throws {
        let recorder = recorder(capacity: 1, limit: 100_000)
        recorder.inspected = ["*"]
        let first = try begin(recorder)
        _ = try begin(recorder)
        first.sent(ByteBuffer(repeating: 65, count: 50_000))
        #expect(first.details.request == nil)
    }

    @Test func `a watcher that doesn't read loses records, and is told how many`() throws {
        let hub = TrafficHub(eventLoop: eventLoop, hello: ("1", "test"), sources: [])
        let channel = EmbeddedChannel(handler: TrafficWatcher(hub: hub), loop: eventLoop)
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/x")).wait()
        func events() throws -> [TrafficEvent] {
            var text = ""
            while let part = try channel.readOutbound(as: ByteBuffer.self) {
                text += String(buffer: part)
            }
            return try text.split(separator: "\n").compactMap {
                TrafficEvent(json: try JSONValue(parsing: $0.utf8))
            }
        }
        // To the millisecond, as lines have it.
        let record = try #require(TrafficRecord(json: begin(recorder()).snapshot.json))
        hub.publish([record], lost: 0)
        #expect(
            try events() == [
                .hello(proxy: "1", version: "test", inspecting: []), .record(record),
            ]
        )
        channel.isWritable = false
        channel.pipeline.fireChannelWritabilityChanged()
        hub.publish([record, record, record], lost: 2)
        #expect(try events() == [])
        // Its questions wait, too.
        try channel.writeInbound(ByteBuffer(string: "{\"inspect\":\"a\",\"on\":true}\n"))
        #expect(try events() == [])
        channel.isWritable = true
        channel.pipeline.fireChannelWritabilityChanged()
        #expect(try events() == [.lost(5), .inspecting(["a"])])
        hub.publish([record], lost: 1)
        #expect(try events() == [.record(record), .lost(1)])
        _ = try channel.finish()
    }

    @Test func `there are no more watchers than the limit`() throws {
        let hub = TrafficHub(eventLoop: eventLoop, hello: ("1", "test"), sources: [])
        var channels: [EmbeddedChannel] = []
        while hub.takesWatchers, channels.count < 100 {
            let channel = EmbeddedChannel(handler: TrafficWatcher(hub: hub), loop: eventLoop)
            try channel.connect(to: SocketAddress(unixDomainSocketPath: "/x")).wait()
            channels.append(channel)
        }
        #expect(channels.count == TrafficHub.mostWatchers)
        _ = try channels.removeLast().finish()
        #expect(hub.takesWatchers)
        for channel in channels { _ = try channel.finish() }
    }
}
