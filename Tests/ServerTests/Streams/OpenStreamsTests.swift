import NIOCore
import PortlessCore
import Synchronization
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(1))) struct OpenStreamsTests {
    @Test func `subscribers get events, the others don't`() async throws {
        let streams = OpenStreams()
        let subscriber = try streams.open(subscribes: true)
        let other = try streams.open(subscribes: false)
        #expect(streams.count == 2)
        #expect(streams.subscriberCount == 1)
        streams.publish(ServerSentEvent("routes", .object([:])))
        var chunks = subscriber.chunks.makeAsyncIterator()
        let chunk = try #require(await chunks.next())
        #expect(String(buffer: chunk) == "event: routes\ndata: {}\n\n")
        streams.close()
        var none = other.chunks.makeAsyncIterator()
        #expect(await none.next() == nil)
    }

    @Test func `subscribers get signs of life`() async throws {
        let streams = OpenStreams()
        let subscriber = try streams.open(subscribes: true)
        let beating = Task { await streams.beat() }
        defer { beating.cancel() }
        var chunks = subscriber.chunks.makeAsyncIterator()
        for _ in 0..<2 {
            let chunk = try #require(await chunks.next())
            #expect(String(buffer: chunk) == ": \n\n")
            subscriber.sent(chunk.readableBytes)
        }
    }

    @Test func `who doesn't read is cut off, not buffered`() throws {
        let streams = OpenStreams()
        let stream = try streams.open(subscribes: true)
        let wasCut = Mutex(false)
        stream.whenEnded { ending in wasCut.withLock { $0 = ending == .cut } }
        let event = ServerSentEvent("app", .string(String(repeating: "x", count: 100_000)))
        streams.publish(event)
        streams.publish(event)
        #expect(!wasCut.withLock { $0 })
        streams.publish(event)
        #expect(wasCut.withLock { $0 })
        #expect(streams.count == 0)
        #expect(!stream.send(event.bytes))
    }

    @Test func `who reads is never cut off`() async throws {
        let stream = try OpenStreams().open(subscribes: false)
        let chunk = ByteBuffer(repeating: 0x20, count: 100_000)
        var chunks = stream.chunks.makeAsyncIterator()
        for _ in 0..<20 {
            #expect(stream.send(chunk))
            _ = await chunks.next()
            stream.sent(chunk.readableBytes)
        }
    }

    @Test func `what is delivered waits for the client, however much it is`() async throws {
        let stream = try OpenStreams().open(subscribes: false)
        let chunk = ByteBuffer(repeating: 0x20, count: 100_000)
        let sent = Mutex(0)
        let sender = Task {
            for _ in 0..<20 where await stream.deliver(chunk) { sent.withLock { $0 += 1 } }
            stream.end(.finished)
        }
        var chunks = stream.chunks.makeAsyncIterator()
        var received = 0
        while let chunk = await chunks.next() {
            received += 1
            // Three fit, and one more than was taken may be counted already.
            #expect(sent.withLock(\.self) <= received + 3)
            stream.sent(chunk.readableBytes)
        }
        #expect(received == 20)
        await sender.value
        let ended = try OpenStreams().open(subscribes: false)
        #expect(await ended.deliver(chunk))
        #expect(await ended.deliver(chunk))
        async let waiting = ended.deliver(ByteBuffer(repeating: 0x20, count: 200_000))
        ended.end(.cut)
        #expect(await !waiting)
    }

    @Test func `a chunk that is longer than all that may wait is sent alone`() throws {
        let stream = try OpenStreams().open(subscribes: false)
        #expect(stream.send(ByteBuffer(repeating: 0x20, count: 400_000)))
        stream.beat(ByteBuffer(string: ": \n\n"))
        #expect(!stream.send(ByteBuffer(string: "x")))
    }

    @Test func `there are only so many`() throws {
        let streams = OpenStreams()
        let all = try (0..<OpenStreams.limit).map { _ in try streams.open(subscribes: true) }
        #expect(throws: Problem.self) { try streams.open(subscribes: true) }
        all[0].end(.cut)
        _ = try streams.open(subscribes: true)
    }

    @Test func `none is opened while the server stops`() throws {
        let streams = OpenStreams()
        streams.close()
        #expect(throws: Problem.self) { try streams.open(subscribes: false) }
    }
}
