/// Checks and takes apart `host[:port]` in place.
enum Authority {
    /// Whether the bytes are a registered name, IPv4 or bracketed IPv6 address with optional port.
    ///
    /// An empty one is valid here; it names no app.
    static func isValid(_ bytes: Span<UInt8>, _ range: ByteRange) -> Bool {
        let host = hostRange(bytes, range)
        for index in host.start..<host.end {
            switch bytes[index] {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: continue
            case 0x5B where index == host.start, 0x5D where index == host.end - 1: continue
            case .colon where bytes[host.start] == 0x5B: continue
            // Sub-delimiters and percent-encoding are legal in names, though none of ours has them.
            case 0x21, 0x24...0x29, 0x2A...0x2B, 0x3D, 0x25, 0x7E: continue
            default: return false
            }
        }
        guard host.end < range.end else { return true }
        // Five digits at most, so the number can't overflow.
        guard range.end - host.end <= 6 else { return false }
        var port = 0
        for index in (host.end + 1)..<range.end {
            guard bytes[index].isDigit else { return false }
            port = port * 10 + Int(bytes[index] - 0x30)
        }
        return port <= UInt16.max
    }

    /// The part before the port.
    static func hostRange(_ bytes: Span<UInt8>, _ range: ByteRange) -> ByteRange {
        var end = range.end
        if !range.isEmpty, bytes[range.start] == 0x5B {
            var index = range.start
            while index < range.end, bytes[index] != 0x5D { index += 1 }
            end = min(index + 1, range.end)
            return end < range.end && bytes[end] != .colon ? range : range.prefix(to: end)
        }
        var index = range.start
        while index < range.end, bytes[index] != .colon { index += 1 }
        end = index
        return range.prefix(to: end)
    }

    /// The port's digits; empty where there is none.
    static func portRange(_ bytes: Span<UInt8>, _ range: ByteRange) -> ByteRange {
        let host = hostRange(bytes, range)
        guard host.end < range.end else { return .empty }
        return ByteRange(start: host.end + 1, end: range.end)
    }

    /// Splits `http://authority/path` into its authority and the rest, which may be empty or only a
    /// query.
    ///
    /// Nil where the target isn't an absolute http(s) URI with an authority.
    static func absoluteForm(
        _ bytes: Span<UInt8>,
        _ target: ByteRange,
    ) -> (authority: ByteRange, originForm: ByteRange)? {
        func hasPrefix(_ text: StaticString) -> Bool {
            text.withUTF8Buffer { expected in
                expected.count < target.count
                    && expected.indices.allSatisfy {
                        bytes[target.start + $0].lowercased == expected[$0]
                    }
            }
        }
        let start: Int
        if hasPrefix("http://") {
            start = target.start + 7
        } else if hasPrefix("https://") {
            start = target.start + 8
        } else {
            return nil
        }
        var end = start
        while end < target.end, bytes[end] != .slash, bytes[end] != .questionMark { end += 1 }
        let authority = ByteRange(start: start, end: end)
        guard !authority.isEmpty, isValid(bytes, authority) else { return nil }
        return (authority, ByteRange(start: end, end: target.end))
    }
}

extension ByteRange {
    fileprivate func prefix(to end: Int) -> ByteRange { ByteRange(start: start, end: end) }
}
