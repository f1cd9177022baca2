import PortlessCore

extension YAMLParser {
    /// Skips a tag and returns an anchor's name.
    mutating func properties() throws(SourceError) -> String? {
        var name: String?
        while let byte, byte == UInt8(ascii: "&") || byte == UInt8(ascii: "!") {
            let start = position
            while !Self.isBlank(self.byte), !Self.endsLine(self.byte) { position += 1 }
            if byte == UInt8(ascii: "&") { name = source.string(start + 1..<position) }
            skipBlanks()
        }
        return name
    }

    func remembered(_ name: String) -> ConfigurationValue? { anchors[name] }

    mutating func remember(_ value: inout ConfigurationValue, as name: String?) {
        if let name { anchors[name] = value }
    }

    mutating func alias() throws(SourceError) -> ConfigurationValue {
        let start = position
        position += 1
        while let byte, !Self.isBlank(byte), !Self.endsLine(byte), !",]}".utf8.contains(byte) {
            position += 1
        }
        let name = source.string(start + 1..<position)
        guard let value = anchors[name] else {
            throw source.error(at: start, "the anchor \"\(name)\" is not defined above")
        }
        return value
    }

    mutating func quoted() throws(SourceError) -> ConfigurationValue {
        let start = position
        let quote = source.bytes[position]
        position += 1
        var text: [UInt8] = []
        while let byte {
            if byte == quote {
                if quote == 0x27, peek(1) == 0x27 {
                    text.append(0x27)
                    position += 2
                    continue
                }
                position += 1
                let value = ConfigurationValue.Kind.string(String(decoding: text, as: UTF8.self))
                return ConfigurationValue(value, at: source.location(start..<position))
            }
            if byte == 0x5C, quote == 0x22 {
                try escape(into: &text)
            } else if Self.endsLine(byte) {
                foldLine(into: &text)
            } else {
                text.append(byte)
                position += 1
            }
        }
        throw source.error(at: start, "this quoted text is never closed")
    }

    /// A line break within quotes is a blank; an empty line is a line break.
    private mutating func foldLine(into text: inout [UInt8]) {
        while text.last == 0x20 || text.last == 0x09 { text.removeLast() }
        var breaks = 0
        while let byte, Self.isBlank(byte) || Self.endsLine(byte) {
            if byte == 0x0A { breaks += 1 }
            position += 1
        }
        text += breaks > 1 ? [UInt8](repeating: 0x0A, count: breaks - 1) : [0x20]
    }

    private mutating func escape(into text: inout [UInt8]) throws(SourceError) {
        let start = position
        guard let byte = peek(1) else { throw error("nothing follows this backslash") }
        position += 2
        let letter = Character(Unicode.Scalar(byte))
        if let plain = Self.escapes[letter] {
            text.append(plain)
            return
        }
        if byte == 0x0A {
            skipBlanks()
            return
        }
        guard let digits = Self.escapeDigits[letter] else {
            throw source.error(at: start, "\"\\\(letter)\" is no escape sequence of YAML")
        }
        let end = min(position + digits, source.bytes.count)
        guard let value = UInt32(source.string(position..<end), radix: 16),
            let scalar = Unicode.Scalar(value)
        else { throw source.error(at: start, "this escape sequence is malformed") }
        position = end
        text += Array(String(Character(scalar)).utf8)
    }

    private static let escapes: [Character: UInt8] = [
        "n": 0x0A, "t": 0x09, "r": 0x0D, "0": 0, "a": 7, "b": 8, "e": 0x1B, "f": 0x0C, "v": 0x0B,
        "\"": 0x22, "\\": 0x5C, "/": 0x2F, " ": 0x20,
    ]
    private static let escapeDigits: [Character: Int] = ["x": 2, "u": 4, "U": 8]

    /// An unquoted scalar, continued on lines that are indented further than its parent.
    mutating func plain(parentColumn: Int) throws(SourceError) -> ConfigurationValue {
        let start = position
        var end = plainLine(isFlow: false)
        var text = source.string(start..<end)
        while true {
            let here = position
            if atComment { break }
            try skipToContent()
            guard byte != nil, column > parentColumn,
                source.line(at: here) < source.line(at: position),
                !atMarker("---"), !atMarker("...")
            else {
                position = here
                break
            }
            let lineStart = position
            end = plainLine(isFlow: false)
            if byte == UInt8(ascii: ":") { throw error("a key can't stand within a text") }
            text += " " + source.string(lineStart..<end)
        }
        if byte == UInt8(ascii: ":") {
            throw error("a second \":\" can't stand on this line unquoted")
        }
        return scalar(text, start..<end)
    }

    /// Advances to the end of a plain scalar on its line; returns the scalar's own end.
    mutating func plainLine(isFlow: Bool) -> Int {
        var end = position
        while let byte, !Self.endsLine(byte), !atComment {
            if byte == UInt8(ascii: ":"), Self.isBlank(peek(1)) || Self.endsLine(peek(1)) { break }
            if isFlow, ",[]{}".utf8.contains(byte) { break }
            position += 1
            if !Self.isBlank(byte) { end = position }
        }
        return end
    }

    /// The core schema's meaning of a plain scalar (YAML 1.2 section 10.3.2).
    func scalar(_ text: String, _ range: Range<Int>) -> ConfigurationValue {
        let kind: ConfigurationValue.Kind =
            switch text {
            case "", "~", "null", "Null", "NULL": .null
            case "true", "True", "TRUE": .boolean(true)
            case "false", "False", "FALSE": .boolean(false)
            default: Self.number(text).map { .number($0) } ?? .string(text)
            }
        return ConfigurationValue(kind, at: source.location(range))
    }

    private static func number(_ text: String) -> Double? {
        guard let first = text.utf8.first, "+-.0123456789".utf8.contains(first) else { return nil }
        if text.hasPrefix("0x") { return UInt64(text.dropFirst(2), radix: 16).map { Double($0) } }
        if text.hasPrefix("0o") { return UInt64(text.dropFirst(2), radix: 8).map { Double($0) } }
        guard text.utf8.allSatisfy({ "+-.eE0123456789".utf8.contains($0) }) else { return nil }
        return Double(text)
    }

    /// `|` and `>`: the lines that are indented further than the parent.
    mutating func blockScalar(parentColumn: Int) throws(SourceError) -> ConfigurationValue {
        let start = position
        let isFolded = byte == UInt8(ascii: ">")
        while !Self.endsLine(byte) { position += 1 }
        var lines: [String] = []
        var indentation: Int?
        var line = source.line(at: start) + 1
        while line <= source.lineCount {
            let range = source.range(ofLine: line)
            let blanks = source.bytes[range].prefix { $0 == 0x20 }.count
            if blanks == range.count {
                lines.append("")
            } else {
                let own = indentation ?? blanks
                guard blanks > parentColumn, blanks >= own else { break }
                indentation = own
                lines.append(source.string(range.lowerBound + own..<range.upperBound))
            }
            line += 1
        }
        position =
            line <= source.lineCount ? source.range(ofLine: line).lowerBound : source.bytes.count
        while lines.last == "" { lines.removeLast() }
        let text = lines.joined(separator: isFolded ? " " : "\n") + "\n"
        return ConfigurationValue(.string(text), at: source.location(start..<position))
    }
}
