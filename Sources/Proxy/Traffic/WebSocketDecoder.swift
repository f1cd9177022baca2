/// Reads the frames of one direction of a WebSocket (RFC 6455 section 5) as they pass, and keeps
/// only the beginning of each message.
///
/// It decides nothing about the bytes: where they are no frames, it reads no further.
struct WebSocketDecoder: Sendable {
    enum Kind: Equatable, Sendable {
        case text, binary, close, ping, pong
    }

    struct Message: Equatable, Sendable {
        var kind: Kind
        /// The bytes of its payload, over all its frames.
        var size = 0
        /// The first bytes, unmasked.
        var start: [UInt8] = []
        /// Whether an extension has changed the payload (permessage-deflate, RFC 7692).
        var isCompressed = false
    }

    private struct Frame {
        var remaining = 0
        var mask: [UInt8]?
        /// The position in the payload, for the mask.
        var offset = 0
        var isControl = false
        var isLast = false
    }

    private enum State {
        /// The bytes of a frame's header that have come so far, fourteen at most.
        case header([UInt8])
        case payload(Frame)
        case broken
    }

    /// How much of each message is kept.
    private let limit: Int
    private var state = State.header([])
    /// The data message whose frames are coming; control frames may come between them.
    private var message: Message?
    private var control: Message?

    init(keeping limit: Int) {
        self.limit = limit
    }

    /// Whether the bytes were no frames, so that what follows is unknown.
    var isBroken: Bool {
        if case .broken = state { true } else { false }
    }

    /// Calls `emit` with each message that ends in these bytes.
    mutating func read(_ bytes: Span<UInt8>, _ emit: (Message) -> Void) {
        var position = 0
        while true {
            switch state {
            case .broken: return
            case .header(var header):
                guard position < bytes.count else { return }
                header.append(bytes[position])
                position += 1
                guard header.count == Self.headerLength(header) else {
                    state = .header(header)
                    continue
                }
                state = begin(header)
            case .payload(var frame):
                let count = min(frame.remaining, bytes.count - position)
                keep(bytes, position, count, &frame)
                position += count
                guard frame.remaining == 0 else {
                    state = .payload(frame)
                    return
                }
                state = .header([])
                end(frame, emit)
            }
        }
    }

    /// The length of a header, as far as its first bytes tell: at least one byte more than there are
    /// where they don't.
    private static func headerLength(_ header: [UInt8]) -> Int {
        guard header.count >= 2 else { return 2 }
        let extended =
            switch header[1] & 0x7F {
            case 126: 2
            case 127: 8
            default: 0
            }
        return 2 + extended + (header[1] & 0x80 == 0 ? 0 : 4)
    }

    private mutating func begin(_ header: [UInt8]) -> State {
        let isMasked = header[1] & 0x80 != 0
        let lengthEnd = header.count - (isMasked ? 4 : 0)
        var length = UInt64(header[1] & 0x7F)
        if lengthEnd > 2 { length = header[2..<lengthEnd].reduce(0) { $0 << 8 | UInt64($1) } }
        let opcode = header[0] & 0x0F
        let isLast = header[0] & 0x80 != 0
        let isControl = opcode >= 8
        // Only the first reserved bit has a meaning, and only on a message's first frame.
        guard length <= UInt64(Int64.max), header[0] & 0x30 == 0,
            !isControl || (length <= 125 && isLast && header[0] & 0x40 == 0)
        else { return .broken }
        switch (opcode, message) {
        case (0, .some): break
        case (1, nil), (2, nil):
            message = Message(
                kind: opcode == 1 ? .text : .binary,
                isCompressed: header[0] & 0x40 != 0,
            )
        case (8, _): control = Message(kind: .close)
        case (9, _): control = Message(kind: .ping)
        case (10, _): control = Message(kind: .pong)
        default: return .broken
        }
        return .payload(
            Frame(
                remaining: Int(length),
                mask: isMasked ? Array(header[lengthEnd...]) : nil,
                isControl: isControl,
                isLast: isLast,
            )
        )
    }

    private mutating func keep(
        _ bytes: Span<UInt8>,
        _ position: Int,
        _ count: Int,
        _ frame: inout Frame,
    ) {
        guard count > 0, var target = frame.isControl ? control : message else { return }
        let room = target.isCompressed ? 0 : max(0, limit - target.start.count)
        for index in 0..<min(room, count) {
            let byte = bytes[position + index]
            let mask = frame.mask.map { $0[(frame.offset + index) % 4] } ?? 0
            target.start.append(byte ^ mask)
        }
        target.size = target.size.addingReportingOverflow(count).partialValue
        frame.offset = (frame.offset + count) % 4
        frame.remaining -= count
        if frame.isControl { control = target } else { message = target }
    }

    private mutating func end(_ frame: Frame, _ emit: (Message) -> Void) {
        if frame.isControl {
            if let control { emit(control) }
            control = nil
        } else if frame.isLast {
            if let message { emit(message) }
            message = nil
        }
    }
}
