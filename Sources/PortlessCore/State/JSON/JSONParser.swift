extension JSONValue {
    /// Reads one JSON document (RFC 8259), strictly, but for a byte order mark in front of it.
    package init(parsing bytes: some Collection<UInt8>) throws(JSONSyntaxError) {
        var parser = JSONParser(bytes: Array(bytes))
        self = try parser.document()
    }
}

private struct JSONParser {
    /// More than any real file has; without a limit a hostile file overflows the stack.
    private static let mostLevels = 128
    /// More than any file of ours has; values take several times the memory of their text.
    private static let mostValues = 250_000
    /// More than any useful number has; converting digits takes time.
    private static let mostDigits = 1000
    private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")

    private let bytes: [UInt8]
    private var position = 0
    private var valueCount = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func document() throws(JSONSyntaxError) -> JSONValue {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        let value = try value(depth: 0)
        skipBlanks()
        guard position == bytes.count else { throw error("nothing may follow the value") }
        return value
    }

    private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        guard depth < Self.mostLevels else {
            throw error("it is nested more than \(Self.mostLevels) levels deep")
        }
        valueCount += 1
        guard valueCount <= Self.mostValues else {
            throw error("it has more than \(Self.mostValues) values")
        }
        skipBlanks()
        switch peek {
        case UInt8(ascii: "{"): return .object(try object(depth: depth))
        case UInt8(ascii: "["): return .array(try array(depth: depth))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case let byte? where byte == UInt8(ascii: "-") || Self.digits.contains(byte):
            return try number()
        case nil: throw error("the text ends where a value is expected")
        default: throw error("a value is expected")
        }
    }

    private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSONObject {
        var result = JSONObject()
        position += 1
        skipBlanks()
        if skip("}") { return result }
        repeat {
            skipBlanks()
            guard peek == UInt8(ascii: "\"") else { throw error("a quoted key is expected") }
            let key = try string()
            skipBlanks()
            guard skip(":") else { throw error("\":\" is expected") }
            result[key] = try value(depth: depth + 1)
            skipBlanks()
        } while skip(",")
        guard skip("}") else { throw error("\",\" or \"}\" is expected") }
        return result
    }

    private mutating func array(depth: Int) throws(JSONSyntaxError) -> [JSONValue] {
        var result: [JSONValue] = []
        position += 1
        skipBlanks()
        if skip("]") { return result }
        repeat {
            result.append(try value(depth: depth + 1))
            skipBlanks()
        } while skip(",")
        guard skip("]") else { throw error("\",\" or \"]\" is expected") }
        return result
    }

    private mutating func word(
        _ text: StaticString,
        _ value: JSONValue,
    ) throws(JSONSyntaxError) -> JSONValue {
        let matches = text.withUTF8Buffer { bytes[position...].starts(with: $0) }
        guard matches else { throw error("a value is expected") }
        position += text.utf8CodeUnitCount
        return value
    }

    private mutating func number() throws(JSONSyntaxError) -> JSONValue {
        let start = position
        _ = skip("-")
        if !skip("0") { try digits() }
        if skip(".") { try digits() }
        if skip("e") || skip("E") {
            if !skip("+") { _ = skip("-") }
            try digits()
        }
        guard position - start <= Self.mostDigits else {
            throw error("a number has more than \(Self.mostDigits) digits")
        }
        return .number(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func digits() throws(JSONSyntaxError) {
        let start = position
        while let byte = peek, Self.digits.contains(byte) { position += 1 }
        guard position > start else { throw error("a digit is expected") }
    }

    private mutating func string() throws(JSONSyntaxError) -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                position += 1
                try escape(into: &text)
            case 0..<0x20:
                throw error("a control character stands in a string")
            default:
                position += 1
                text.append(byte)
            }
        }
        throw error("the text ends inside a string")
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONSyntaxError) {
        guard let byte = peek else { throw error("the text ends inside a string") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text += try unicodeEscape().utf8
        default: throw error("an unknown escape stands in a string")
        }
    }

    /// The character of one `\u` escape, or of two that make a surrogate pair; half a pair has no
    /// character and becomes U+FFFD.
    private mutating func unicodeEscape() throws(JSONSyntaxError) -> String {
        let first = try codeUnit()
        guard UTF16.isLeadSurrogate(first), bytes[position...].starts(with: "\\u".utf8) else {
            return String(decoding: [first], as: UTF16.self)
        }
        position += 2
        return String(decoding: [first, try codeUnit()], as: UTF16.self)
    }

    private mutating func codeUnit() throws(JSONSyntaxError) -> UInt16 {
        let digits = bytes[position...].prefix(4)
        guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw error("four hexadecimal digits are expected") }
        position += 4
        return unit
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipBlanks() {
        while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
            position += 1
        }
    }

    private func error(_ reason: String) -> JSONSyntaxError {
        let before = bytes[..<position]
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return JSONSyntaxError(
            line: before.count { $0 == 0x0A } + 1,
            column: position - lineStart + 1,
            reason: reason,
        )
    }
}

/// Where a text stops being JSON.
package struct JSONSyntaxError: Error, Hashable, CustomStringConvertible {
    package let line: Int
    package let column: Int
    package let reason: String

    package var description: String { "line \(line), column \(column): \(reason)" }
}
