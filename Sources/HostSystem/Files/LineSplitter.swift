import CLibrary

/// Cuts what arrives in pieces into whole lines.
package struct LineSplitter {
    /// How long the lines of a process are at most.
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
                end != nil,
                body,
            )
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(end.map { $0 + 1 } ?? room))
        }
    }

    /// Passes on what is there of a line that never ended.
    package mutating func finish(_ body: (UnsafeRawBufferPointer) -> Void) {
        guard !pending.isEmpty else { return }
        pass(on: UnsafeRawBufferPointer(start: nil, count: 0), true, body)
    }

    /// Passes on what is pending and these bytes, as the end of a line or as a piece of one.
    private mutating func pass(
        on bytes: UnsafeRawBufferPointer,
        _ isEnd: Bool,
        _ body: (UnsafeRawBufferPointer) -> Void,
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
