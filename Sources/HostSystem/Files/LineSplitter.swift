import CLibrary

/// Splits bytes that arrive in pieces into lines.
package struct LineSplitter {
    /// The longest line of a process's output.
    package static let longestOutput = 64 << 10

    /// A line longer than this is passed on in pieces, so that memory stays bounded.
    private let longest: Int
    private var pending: [UInt8] = []

    package init(longest: Int = Self.longestOutput) {
        self.longest = longest
    }

    /// Calls `body` with each line that is complete now, without its end.
    package mutating func append(
        _ bytes: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) -> Void,
    ) {
        var rest = bytes
        while !rest.isEmpty {
            let room = longest - pending.count
            // One byte more: a line of just the greatest length may end there.
            let window = UnsafeRawBufferPointer(rebasing: rest.prefix(room + 1))
            let end = window.lineEnd
            guard end != nil || window.count > room else {
                return pending.append(contentsOf: window)
            }
            pass(
                on: UnsafeRawBufferPointer(rebasing: window.prefix(end ?? room)),
                isEnd: end != nil,
                to: body,
            )
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(end.map { $0 + 1 } ?? room))
        }
    }

    /// Calls `body` with the rest, a line that never ended.
    package mutating func finish(_ body: (UnsafeRawBufferPointer) -> Void) {
        guard !pending.isEmpty else { return }
        pass(on: UnsafeRawBufferPointer(start: nil, count: 0), isEnd: true, to: body)
    }

    /// Calls `body` with the pending bytes and these, the end of a line or a piece of one.
    private mutating func pass(
        on bytes: UnsafeRawBufferPointer,
        isEnd: Bool,
        to body: (UnsafeRawBufferPointer) -> Void,
    ) {
        guard !pending.isEmpty else { return body(isEnd ? bytes.withoutCarriageReturn : bytes) }
        pending.append(contentsOf: bytes)
        pending.withUnsafeBytes { body(isEnd ? $0.withoutCarriageReturn : $0) }
        pending.removeAll(keepingCapacity: pending.capacity <= 4096)
    }
}

extension UnsafeRawBufferPointer {
    /// Where the first line ends; nil where none does.
    fileprivate var lineEnd: Int? {
        guard let baseAddress, let end = memchr(baseAddress, 0x0A, count) else { return nil }
        return UnsafeRawPointer(end) - baseAddress
    }

    fileprivate var withoutCarriageReturn: UnsafeRawBufferPointer {
        last == 0x0D ? UnsafeRawBufferPointer(rebasing: dropLast()) : self
    }
}
