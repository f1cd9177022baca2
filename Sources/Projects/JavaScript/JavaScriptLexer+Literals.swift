extension JavaScriptLexer {
    mutating func stringLiteral(quote: UInt8) throws(SourceError) -> String {
        let start = position
        position += 1
        var text: [UInt8] = []
        while let byte {
            switch byte {
            case quote:
                position += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                try escape(into: &text)
            case UInt8(ascii: "\n"):
                throw source.error(at: start, "this string is not closed on its line")
            default:
                text.append(byte)
                position += 1
            }
        }
        throw source.error(at: start, "this string is never closed")
    }

    /// Decodes one escape sequence (ECMA-262 section 12.9.4) at its backslash.
    mutating func escape(into text: inout [UInt8]) throws(SourceError) {
        let start = position
        guard let escaped = peek(1) else {
            throw source.error(at: start, "nothing follows this backslash")
        }
        position += 2
        switch escaped {
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "v"): text.append(0x0B)
        case UInt8(ascii: "0") where byte.map(Self.isDigit) != true: text.append(0)
        case UInt8(ascii: "\r"):
            if byte == UInt8(ascii: "\n") { position += 1 }
        case UInt8(ascii: "\n"): break
        case UInt8(ascii: "x"):
            text.append(contentsOf: try scalar(digits: 2, from: start))
        case UInt8(ascii: "u") where byte == UInt8(ascii: "{"):
            position += 1
            var digits = 0
            while let digit = peek(digits), digit != UInt8(ascii: "}") { digits += 1 }
            text.append(contentsOf: try scalar(digits: digits, from: start))
            guard byte != nil else {
                throw source.error(at: start, "this escape sequence is never closed")
            }
            position += 1
        case UInt8(ascii: "u"):
            text.append(contentsOf: try scalar(digits: 4, from: start))
        default:
            text.append(escaped)
        }
    }

    private mutating func scalar(digits: Int, from start: Int) throws(SourceError) -> [UInt8] {
        let end = min(position + digits, source.bytes.count)
        let text = source.string(position..<end)
        position = end
        guard text.utf8.count == digits, let value = UInt32(text, radix: 16) else {
            throw source.error(at: start, "this escape sequence is malformed")
        }
        // Half of a surrogate pair has no UTF-8 form.
        let scalar = Unicode.Scalar(value) ?? "\u{FFFD}"
        return Array(String(Character(scalar)).utf8)
    }

    /// Decimal, hexadecimal, octal and binary, with `_` between digits; BigInt's `n` is dropped.
    mutating func numberLiteral() throws(SourceError) -> Double {
        let start = position
        let isPrefixed = byte == UInt8(ascii: "0") && (peek(1).map { $0 > 0x40 } ?? false)
        var hasPoint = false
        while let byte {
            // After `21612.` or `1.5` the next dot accesses a member.
            if byte == UInt8(ascii: "."), !isPrefixed {
                if hasPoint { break }
                hasPoint = true
            }
            let isExponentSign =
                (byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")) && !isPrefixed
                && (source.bytes[position - 1] | 0x20) == UInt8(ascii: "e") && position > start
            let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            guard
                Self.isDigit(byte) || isLetter || byte == UInt8(ascii: "_")
                    || byte == UInt8(ascii: ".") && !isPrefixed || isExponentSign
            else { break }
            position += 1
        }
        let written = source.string(start..<position)
        guard let value = Self.number(written) else {
            throw source.error(at: start, "\"\(written)\" is not a number")
        }
        return value
    }

    private static func number(_ written: String) -> Double? {
        guard !written.hasSuffix("_"), !written.contains("__"), !written.contains("_.") else {
            return nil
        }
        var text = written.lowercased().filter { $0 != "_" }
        if text.hasSuffix("n"), !text.hasPrefix("0x") || text.count > 3 { text.removeLast() }
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where text.hasPrefix(prefix) {
            return UInt64(text.dropFirst(2), radix: radix).map { Double($0) }
        }
        // Octal in sloppy mode: 0755.
        if text.count > 1, text.first == "0", text.allSatisfy({ ("0"..."7").contains($0) }) {
            return UInt64(text, radix: 8).map { Double($0) }
        }
        guard text.allSatisfy({ $0.isNumber || "e+-.".contains($0) }) else { return nil }
        if text.hasSuffix(".") { text.removeLast() }
        if text.hasPrefix(".") { text = "0" + text }
        return Double(text)
    }

    /// The end of the regular expression that begins here; nil where none ends on this line.
    var endOfRegularExpression: Int? {
        var inClass = false
        var distance = 1
        while let byte = peek(distance), byte != UInt8(ascii: "\n") {
            distance += 1
            switch byte {
            case UInt8(ascii: "\\"): distance += 1
            case UInt8(ascii: "["): inClass = true
            case UInt8(ascii: "]"): inClass = false
            case UInt8(ascii: "/") where !inClass:
                while let flag = peek(distance),
                    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(flag)
                {
                    distance += 1
                }
                return position + distance
            default: break
            }
        }
        return nil
    }
}
