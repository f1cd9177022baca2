import PortlessCore

/// Reads the YAML that compose, pm2 and workspace files are written in.
///
/// That is YAML 1.2's core schema with block and flow collections, all scalar styles, comments,
/// anchors, aliases and merge keys; of several documents, the first. Complex keys and directives
/// are errors that name their line. (The common library links 34 MB of Unicode tables.)
enum YAMLDocument {
    static func value(
        of source: SourceText,
        budget: ReadingBudget = ReadingBudget(),
    ) throws(SourceError) -> ConfigurationValue {
        var parser = YAMLParser(source, budget: budget)
        return try parser.document()
    }
}

/// The state of reading one YAML file.
struct YAMLParser {
    let source: SourceText
    let comments: CommentIndex
    var position = 0
    var anchors: [String: ConfigurationValue] = [:]
    let budget: ReadingBudget

    init(_ source: SourceText, budget: ReadingBudget) {
        self.source = source
        self.budget = budget
        comments = CommentIndex(Self.comments(in: source), in: source)
        if source.bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    mutating func document() throws(SourceError) -> ConfigurationValue {
        try skipToContent()
        if atMarker("---") {
            position += 3
            try skipToContent()
        }
        let value = try block(indentation: 0, allowsSequenceAt: 0)
        try skipToContent()
        guard byte == nil || atMarker("---") || atMarker("...") else {
            throw error("this does not belong to what stands above; is its indentation right?")
        }
        return value
    }

    var byte: UInt8? { peek(0) }

    func peek(_ distance: Int) -> UInt8? {
        let index = position + distance
        return index < source.bytes.count ? source.bytes[index] : nil
    }

    /// Goes one level of recursion deeper; `budget.leave` has to follow.
    func enter() throws(SourceError) {
        guard budget.spend() else { throw source.overBudget(at: position) }
        guard budget.enter() else { throw source.overBudget(at: position, OverBudget.depth) }
    }

    /// The value, unless it is too large: aliases multiply values.
    func admitted(_ value: ConfigurationValue) throws(SourceError) -> ConfigurationValue {
        guard value.weight <= ReadingBudget.maximumWeight,
            value.nesting <= ReadingBudget.maximumNesting
        else { throw source.overBudget(at: position, OverBudget.size) }
        return value
    }

    func error(_ reason: String) -> SourceError { source.error(at: position, reason) }

    var column: Int {
        let start = source.range(ofLine: source.line(at: position)).lowerBound
        let mark = start == 0 && source.bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        return position - start - mark
    }

    static func isBlank(_ byte: UInt8?) -> Bool { byte == 0x20 || byte == 0x09 }

    static func endsLine(_ byte: UInt8?) -> Bool { byte == nil || byte == 0x0A || byte == 0x0D }

    mutating func skipBlanks() {
        while Self.isBlank(byte) { position += 1 }
    }

    /// A comment needs a blank or the line's start in front of it.
    var atComment: Bool {
        guard byte == UInt8(ascii: "#") else { return false }
        return position == 0 || Self.isBlank(source.bytes[position - 1])
            || source.bytes[position - 1] == 0x0A
    }

    /// Skips blanks, empty lines and comments, up to the next content or the end.
    mutating func skipToContent() throws(SourceError) {
        while true {
            skipBlanks()
            if atComment {
                while !Self.endsLine(byte) { position += 1 }
            }
            guard Self.endsLine(byte), byte != nil else { break }
            position += 1
        }
        let start = source.range(ofLine: source.line(at: position)).lowerBound
        if source.bytes[start..<position].contains(0x09), byte != nil, byte != UInt8(ascii: "}"),
            byte != UInt8(ascii: "]")
        {
            throw error("a tab can't indent YAML")
        }
    }

    func atMarker(_ marker: String) -> Bool {
        column == 0 && source.bytes[position...].starts(with: marker.utf8)
            && (Self.isBlank(peek(3)) || Self.endsLine(peek(3)))
    }

    var atDash: Bool {
        byte == UInt8(ascii: "-") && (Self.isBlank(peek(1)) || Self.endsLine(peek(1)))
    }

    /// Finds comments in advance: `#` outside of quotes, after a blank.
    private static func comments(in source: SourceText) -> [SourceComment] {
        var comments: [SourceComment] = []
        for (_, range) in source.lines {
            var quote: UInt8?
            for offset in range {
                let byte = source.bytes[offset]
                let isFirst = offset == range.lowerBound || isBlank(source.bytes[offset - 1])
                if let open = quote {
                    if byte == open { quote = nil }
                } else if isFirst, byte == 0x22 || byte == 0x27 {
                    quote = byte
                } else if isFirst, byte == UInt8(ascii: "#") {
                    let text = source.string(offset..<range.upperBound).drop { $0 == "#" }
                    let startsLine = source.bytes[range.lowerBound..<offset].allSatisfy(isBlank)
                    comments.append(
                        SourceComment(
                            range: offset..<range.upperBound,
                            text: text.trimmingBlanks,
                            startsLine: startsLine,
                        )
                    )
                    break
                }
            }
        }
        return comments
    }
}
