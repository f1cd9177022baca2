import NIOCore

/// Passes an app's output on line by line, each behind its app's name.
final class OutputRelay: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let prefix: [UInt8]
    private let write: @Sendable ([UInt8]) -> Void
    private var splitter = LineSplitter()

    init(prefix: LinePrefix, write: @escaping @Sendable ([UInt8]) -> Void) {
        self.prefix = Array(prefix.text.utf8)
        self.write = write
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        for line in splitter.append(unwrapInboundIn(data).readableBytesView) { pass(line) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let rest = splitter.finish() { pass(rest) }
        context.fireChannelInactive()
    }

    private func pass(_ line: [UInt8]) {
        write(prefix + line + [UInt8(ascii: "\n")])
    }
}
