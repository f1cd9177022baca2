import PortlessCore

extension YAMLParser {
    /// The value that begins at or after the position, if it is indented by `indentation` columns.
    ///
    /// A sequence may stand as far left as the key that it belongs to (`allowsSequenceAt`).
    mutating func block(
        indentation: Int,
        allowsSequenceAt sequenceColumn: Int,
    ) throws(SourceError) -> ConfigurationValue {
        let start = position
        try skipToContent()
        let isSequence = atDash && column >= sequenceColumn
        guard byte != nil, column >= indentation || isSequence, !atMarker("---"), !atMarker("...")
        else { return ConfigurationValue(.null, at: source.location(start..<start)) }
        return try node(parentColumn: indentation - 1)
    }

    /// The value that begins exactly here.
    mutating func node(parentColumn: Int) throws(SourceError) -> ConfigurationValue {
        try enter()
        defer { budget.leave() }
        let start = position
        if atDash { return try sequence() }
        let startColumn = column
        if byte == UInt8(ascii: "?"), Self.isBlank(peek(1)) || Self.endsLine(peek(1)) {
            throw error("a complex key (\"?\") is not supported")
        }
        if byte == UInt8(ascii: "%"), startColumn == 0 {
            throw error("a directive (\"%\") is not supported")
        }
        if keyEnd() != nil { return try mapping() }
        let name = try properties()
        if position > start, Self.endsLine(byte) || atComment {
            var value = try block(
                indentation: parentColumn + 1,
                allowsSequenceAt: max(0, parentColumn),
            )
            remember(&value, as: name)
            return value
        }
        if position > start, keyEnd() != nil { throw error("an anchor can't stand before a key") }
        var value = try inlineValue(parentColumn: parentColumn)
        remember(&value, as: name)
        return value
    }

    private mutating func sequence() throws(SourceError) -> ConfigurationValue {
        let start = position
        let own = column
        var elements: [ConfigurationValue] = []
        while byte != nil, column == own, atDash {
            let entry = position
            position += 1
            skipBlanks()
            var element =
                Self.endsLine(byte) || atComment
                ? try block(indentation: own + 1, allowsSequenceAt: own + 1)
                : try node(parentColumn: own)
            if element.comment == nil { element.comment = description(from: entry, of: element) }
            elements.append(element)
            try skipToContent()
        }
        guard byte == nil || column <= own else {
            throw error("this is indented further than the list it stands in")
        }
        return try admitted(
            ConfigurationValue(.array(elements), at: source.location(start..<start))
        )
    }

    private mutating func mapping() throws(SourceError) -> ConfigurationValue {
        let start = position
        let own = column
        var object = ConfigurationObject()
        while byte != nil, column == own, !atMarker("---"), !atMarker("...") {
            guard let end = keyEnd() else {
                if atDash { break }
                throw error("\"key: value\" is expected here")
            }
            let entry = position
            let key = try self.key(until: end)
            var value = try mappingValue(column: own)
            if key == "<<" {
                try merge(value, into: &object)
            } else {
                if value.comment == nil { value.comment = description(from: entry, of: value) }
                if value.constant == nil { value.constant = key }
                object[key] = value
            }
            try skipToContent()
        }
        guard byte == nil || column <= own else {
            throw error("this is indented further than the keys above it")
        }
        return try admitted(
            ConfigurationValue(.object(object), at: source.location(start..<start))
        )
    }

    private mutating func mappingValue(column own: Int) throws(SourceError) -> ConfigurationValue {
        skipBlanks()
        let name = try properties()
        var value: ConfigurationValue
        if Self.endsLine(byte) || atComment {
            value = try block(indentation: own + 1, allowsSequenceAt: own)
        } else if atDash {
            throw error("a list can't begin on the line of its key")
        } else {
            value = try inlineValue(parentColumn: own)
        }
        remember(&value, as: name)
        return value
    }

    private mutating func inlineValue(parentColumn: Int) throws(SourceError) -> ConfigurationValue {
        switch byte {
        case UInt8(ascii: "|"), UInt8(ascii: ">"):
            return try blockScalar(parentColumn: parentColumn)
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            let value = try flow()
            try expectLineEnd()
            return value
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            let value = try quoted()
            try expectLineEnd()
            return value
        case UInt8(ascii: "*"):
            let value = try alias()
            try expectLineEnd()
            return value
        case UInt8(ascii: "@"), UInt8(ascii: "`"):
            throw error("a value can't begin with this character unless it is quoted")
        default: return try plain(parentColumn: parentColumn)
        }
    }

    private mutating func expectLineEnd() throws(SourceError) {
        skipBlanks()
        guard Self.endsLine(byte) || atComment else {
            throw error("the value has ended, but its line goes on")
        }
    }

    /// The offset of the colon if a key begins here.
    private func keyEnd() -> Int? {
        var offset = position
        if let quote = byte, quote == 0x22 || quote == 0x27 {
            offset += 1
            while offset < source.bytes.count, source.bytes[offset] != quote {
                if Self.endsLine(source.bytes[offset]) { return nil }
                offset += source.bytes[offset] == 0x5C && quote == 0x22 ? 2 : 1
            }
            offset += 1
            while offset < source.bytes.count, Self.isBlank(source.bytes[offset]) { offset += 1 }
            return isColon(at: offset) ? offset : nil
        }
        if let byte, "[{&!|>@`#".utf8.contains(byte) { return nil }
        while offset < source.bytes.count, !Self.endsLine(source.bytes[offset]) {
            if isColon(at: offset) { return offset }
            if source.bytes[offset] == UInt8(ascii: "#"), Self.isBlank(source.bytes[offset - 1]) {
                return nil
            }
            offset += 1
        }
        return nil
    }

    private func isColon(at offset: Int) -> Bool {
        guard offset < source.bytes.count, source.bytes[offset] == UInt8(ascii: ":") else {
            return false
        }
        let next = offset + 1 < source.bytes.count ? source.bytes[offset + 1] : nil
        return Self.isBlank(next) || Self.endsLine(next)
    }

    private mutating func key(until end: Int) throws(SourceError) -> String {
        let text: String
        if byte == 0x22 || byte == 0x27 {
            text = try quoted().string ?? ""
        } else {
            text = source.string(position..<end).trimmingBlanks
        }
        position = end + 1
        return text
    }

    func merge(
        _ value: ConfigurationValue,
        into object: inout ConfigurationObject,
    ) throws(SourceError) {
        for part in value.array ?? [value] {
            guard let other = part.object else {
                throw SourceError(
                    file: source.file,
                    line: value.origin.line,
                    reason: "\"<<\" can only merge a mapping",
                )
            }
            guard budget.spend(4 * other.properties.count) else {
                throw source.overBudget(at: position)
            }
            // The mapping's own keys win, wherever the merge key stands.
            for property in other.properties where object[property.name] == nil {
                object[property.name] = property.value
            }
        }
    }

    private func description(from entry: Int, of value: ConfigurationValue) -> String? {
        switch value.kind {
        case .array, .object: nil
        default:
            comments.description(of: entry..<max(entry, value.origin.range?.upperBound ?? entry))
        }
    }
}
