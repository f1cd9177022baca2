import NIOCore
import NIOPosix
import PortlessCore
import SystemPackage

/// Sends bytes to a server and waits for the end of what comes back.
enum RawHTTP {
    enum Place {
        case port(Port, String)
        case socket(FilePath)
    }

    /// Calls `next` with 0 when the answer begins, and with n when the nth marker has come; the last
    /// one ends it.
    static func exchange(
        _ request: String,
        _ place: Place,
        until markers: [String],
        _ next: @escaping @Sendable (Int) async throws -> Void,
    ) async throws -> String {
        try await connected(to: place) { inbound, outbound in
            try await outbound.write(ByteBuffer(string: request))
            var answer = ByteBuffer()
            var recent = ""
            var index = -1
            for try await part in inbound {
                answer.writeImmutableBuffer(part)
                recent = String((recent + String(buffer: part)).suffix(1000))
                if index < 0 {
                    index = 0
                    try await next(0)
                }
                while index < markers.count, recent.contains(markers[index]) {
                    index += 1
                    try await next(index)
                }
                if index == markers.count { break }
            }
            return String(buffer: answer)
        }
    }

    /// With `marker`, `action` is called as soon as that has come.
    static func exchange(
        _ request: String,
        _ place: Place,
        whenSeen marker: String? = nil,
        _ action: @escaping @Sendable () async throws -> Void = {},
    ) async throws -> String {
        try await connected(to: place) { inbound, outbound in
            try await outbound.write(ByteBuffer(string: request))
            var answer = ByteBuffer()
            var marker = marker
            for try await part in inbound {
                answer.writeImmutableBuffer(part)
                if let awaited = marker, String(buffer: answer).contains(awaited) {
                    marker = nil
                    try await action()
                }
            }
            return String(buffer: answer)
        }
    }

    private static func connected<Result: Sendable>(
        to place: Place,
        _ body: (
            NIOAsyncChannelInboundStream<ByteBuffer>, NIOAsyncChannelOutboundWriter<ByteBuffer>
        ) async throws -> Result,
    ) async throws -> Result {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        let connected:
            @Sendable (any Channel) -> EventLoopFuture<NIOAsyncChannel<ByteBuffer, ByteBuffer>> = {
                channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel(wrappingChannelSynchronously: channel)
                }
            }
        let channel =
            switch place {
            case .port(let port, let host):
                try await bootstrap.connect(host: host, port: port.number) { connected($0) }
            case .socket(let path):
                try await bootstrap.connect(unixDomainSocketPath: path.string) { connected($0) }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await body(inbound, outbound)
        }
    }
}
