#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Cuts what arrives in pieces into whole lines.
struct LineBuffer {
    /// How long the lines of a process are at most.
    static let longestOutput = 64 << 10

    /// A line longer than this is passed on in pieces, so that memory stays bounded.
    private let longest: Int
    private var pending: [UInt8] = []

    init(longest: Int = Self.longestOutput) {
        self.longest = longest
    }

    /// Calls `body` with each line that is complete now, without its end.
    mutating func append(
        _ bytes: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) -> Void,
    ) {
        var rest = bytes
        while let start = rest.baseAddress, !rest.isEmpty {
            // Debug builds take seconds for what `memchr` does at once.
            guard let end = memchr(start, 0x0A, rest.count) else { break }
            let length = UnsafeRawPointer(end) - start
            let line = UnsafeRawBufferPointer(start: start, count: length)
            if pending.isEmpty {
                body(line.withoutCarriageReturn)
            } else {
                pending.append(contentsOf: line)
                finish(body)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[(length + 1)...])
        }
        pending.append(contentsOf: rest)
        if pending.count >= longest { finish(body) }
    }

    /// Passes on what is there of a line that never ended.
    mutating func finish(_ body: (UnsafeRawBufferPointer) -> Void) {
        guard !pending.isEmpty else { return }
        pending.withUnsafeBytes { body($0.withoutCarriageReturn) }
        pending.removeAll(keepingCapacity: pending.capacity <= 4096)
    }
}

extension UnsafeRawBufferPointer {
    fileprivate var withoutCarriageReturn: UnsafeRawBufferPointer {
        last == 0x0D ? UnsafeRawBufferPointer(rebasing: dropLast()) : self
    }
}
