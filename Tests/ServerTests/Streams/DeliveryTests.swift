import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOEmbedded
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(1))) struct DeliveryTests {
    /// A client that takes nothing until its connection ends.
    private struct Unread: ResponseBodyWriter {
        let channel: any Channel

        func write(_ buffer: ByteBuffer) async throws {
            try await channel.closeFuture.get()
            throw ChannelError.ioOnClosedChannel
        }

        func finish(_ trailingHeaders: HTTPFields?) {}
    }

    private struct Read: ResponseBodyWriter {
        func write(_ buffer: ByteBuffer) {}
        func finish(_ trailingHeaders: HTTPFields?) {}
    }

    @Test func `a client that doesn't read loses its connection`() async throws {
        let channel = NIOAsyncTestingChannel()
        try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
        let writing = Task {
            var writer: any ResponseBodyWriter = Unread(channel: channel)
            try await Delivery.write(ByteBuffer(string: "x"), to: &writer, of: channel)
        }
        // The timer is there once it can be run out.
        while channel.isActive {
            await channel.testingEventLoop.advanceTime(by: Delivery.patience)
            await Task.yield()
        }
        await #expect(throws: ChannelError.self) { try await writing.value }
    }

    @Test func `a client that reads keeps its connection`() async throws {
        let channel = NIOAsyncTestingChannel()
        try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
        var writer: any ResponseBodyWriter = Read()
        for _ in 0..<3 {
            try await Delivery.write(ByteBuffer(string: "x"), to: &writer, of: channel)
            await channel.testingEventLoop.advanceTime(by: Delivery.patience)
        }
        #expect(channel.isActive)
    }
}
