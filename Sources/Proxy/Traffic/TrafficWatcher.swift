import NIOCore
import PortlessCore

/// One watcher's connection: sends it the records, and answers its questions one after another.
///
/// A watcher that doesn't read gets no more lines than fit into its buffer, and is told later how
/// many it has missed; meanwhile its own questions aren't read.
final class TrafficWatcher: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What may wait for a watcher, beside one answer.
    static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(
        low: 256 * 1024,
        high: 1024 * 1024,
    )
    /// No question is longer.
    private static let longestLine = 4096
    /// More hosts than anyone looks at.
    private static let mostHosts = 100

    private let hub: TrafficHub
    private var context: ChannelHandlerContext?
    private var inbound = ByteBuffer()
    /// Whether an answer is on its way from the loops.
    private var isAnswering = false
    private var holdsRead = false
    private var lost = 0
    private(set) var inspected: Set<String> = []

    init(hub: TrafficHub) {
        self.hub = hub
    }

    // MARK: Records

    /// Queues a line, if there is room for it.
    func offer(_ line: ByteBuffer) {
        guard let context else { return }
        guard context.channel.isWritable else {
            lost += 1
            return
        }
        tellLoss()
        context.write(wrapOutboundOut(line), promise: nil)
    }

    /// Sends the queued lines; `lost` more were dropped before.
    func flush(lost: Int = 0) {
        self.lost += lost
        if context?.channel.isWritable == true { tellLoss() }
        context?.flush()
    }

    private func tellLoss() {
        guard lost > 0 else { return }
        let count = lost
        lost = 0
        send(.lost(count))
    }

    private func send(_ event: TrafficEvent) {
        context?.write(wrapOutboundOut(event.line), promise: nil)
    }

    func close() {
        context?.close(mode: .all, promise: nil)
    }

    // MARK: Questions

    private func advance() {
        while !isAnswering, let context, context.channel.isWritable, let line = nextLine() {
            guard let json = try? JSONValue(parsing: line.readableBytesView),
                let request = TrafficRequest(json: json)
            else { return close() }
            answer(request)
        }
        if !isAnswering, context?.channel.isWritable == true,
            inbound.readableBytes > Self.longestLine
        {
            return close()
        }
        resumeReading()
    }

    private func nextLine() -> ByteBuffer? {
        guard let end = inbound.readableBytesView.firstIndex(of: 0x0A) else { return nil }
        let line = inbound.readSlice(length: end - inbound.readerIndex)
        inbound.moveReaderIndex(forwardBy: 1)
        inbound.discardReadBytes()
        return line
    }

    private func answer(_ request: TrafficRequest) {
        switch request {
        case .list(let last):
            wait(for: hub.records(last: min(last, TrafficLimits.records))) { records in
                for record in records { self.send(.record(record.masked)) }
                self.send(.listed)
            }
        case .details(let id, let reveals):
            wait(for: hub.details(of: id)) { details in
                guard let details else { return self.send(.missing(id: id)) }
                self.send(.details(reveals ? details : details.masked))
            }
        case .uses: wait(for: hub.uses()) { self.send(.uses($0)) }
        case .inspect(let host, let isOn):
            if !isOn {
                inspected.remove(host)
            } else if inspected.count < Self.mostHosts, host.utf8.count <= 253 {
                inspected.insert(host)
            }
            if !hub.updateInspection() { send(hub.inspection) }
            context?.flush()
        }
    }

    private func wait<Answer: Sendable>(
        for answer: EventLoopFuture<Answer>,
        _ body: @escaping (Answer) -> Void,
    ) {
        isAnswering = true
        answer.assumeIsolated().whenComplete { result in
            self.isAnswering = false
            guard case .success(let value) = result, self.context != nil else { return }
            body(value)
            self.context?.flush()
            self.advance()
        }
    }

    private var takesInput: Bool {
        !isAnswering && context?.channel.isWritable == true
    }

    private func resumeReading() {
        guard holdsRead, takesInput, let context else { return }
        holdsRead = false
        context.read()
    }

    // MARK: Channel events

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        send(hub.attach(self))
        context.flush()
        context.fireChannelActive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        hub.detach(self)
    }

    func read(context: ChannelHandlerContext) {
        if takesInput { context.read() } else { holdsRead = true }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        inbound.writeImmutableBuffer(unwrapInboundIn(data))
        advance()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard context.channel.isWritable else { return }
        flush()
        advance()
    }

    func channelInactive(context: ChannelHandlerContext) {
        hub.detach(self)
        self.context = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(mode: .all, promise: nil)
    }
}
