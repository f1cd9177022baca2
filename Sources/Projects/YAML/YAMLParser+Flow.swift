import PortlessCore

extension YAMLParser {
    /// `[…]`, `{…}` or a scalar within them.
    mutating func flow() throws(SourceError) -> ConfigurationValue {
        try enter()
        defer { budget.leave() }
        let name = try properties()
        var value: ConfigurationValue
        switch byte {
        case UInt8(ascii: "["): value = try flowSequence()
        case UInt8(ascii: "{"): value = try flowMapping()
        case 0x22, 0x27: value = try quoted()
        case UInt8(ascii: "*"): value = try alias()
        default:
            let start = position
            let end = plainLine(isFlow: true)
            value = scalar(source.string(start..<end), start..<end)
        }
        remember(&value, as: name)
        return value
    }

    private mutating func flowSequence() throws(SourceError) -> ConfigurationValue {
        let start = position
        position += 1
        var elements: [ConfigurationValue] = []
        while true {
            try skipFlowBlanks(from: start)
            if byte == UInt8(ascii: "]") { break }
            let entry = position
            var element = try flow()
            try skipFlowBlanks(from: start)
            if byte == UInt8(ascii: ":"), let key = element.text {
                position += 1
                try skipFlowBlanks(from: start)
                var object = ConfigurationObject()
                object[key] = try flow()
                element = ConfigurationValue(
                    .object(object),
                    at: source.location(entry..<position),
                )
                try skipFlowBlanks(from: start)
            }
            if element.comment == nil {
                element.comment = comments.description(of: entry..<position)
            }
            elements.append(element)
            try acceptComma(or: "]", from: start)
        }
        position += 1
        return try admitted(
            ConfigurationValue(.array(elements), at: source.location(start..<position))
        )
    }

    private mutating func flowMapping() throws(SourceError) -> ConfigurationValue {
        let start = position
        position += 1
        var object = ConfigurationObject()
        while true {
            try skipFlowBlanks(from: start)
            if byte == UInt8(ascii: "}") { break }
            let entry = position
            guard let key = try flow().text else { throw error("a key is expected here") }
            try skipFlowBlanks(from: start)
            var value = ConfigurationValue(.null, at: source.location(entry..<position))
            if byte == UInt8(ascii: ":") {
                position += 1
                try skipFlowBlanks(from: start)
                value = try flow()
                try skipFlowBlanks(from: start)
            }
            if key == "<<" {
                try merge(value, into: &object)
            } else {
                value.constant = key
                if value.comment == nil {
                    value.comment = comments.description(of: entry..<position)
                }
                object[key] = value
            }
            try acceptComma(or: "}", from: start)
        }
        position += 1
        return try admitted(
            ConfigurationValue(.object(object), at: source.location(start..<position))
        )
    }

    private mutating func acceptComma(or closing: Character, from start: Int) throws(SourceError) {
        if byte == UInt8(ascii: ",") {
            position += 1
        } else if byte.map({ Character(Unicode.Scalar($0)) }) != closing {
            throw error("\",\" or \"\(closing)\" is expected here")
        }
    }

    private mutating func skipFlowBlanks(from start: Int) throws(SourceError) {
        while true {
            while Self.isBlank(byte) || Self.endsLine(byte) && byte != nil { position += 1 }
            guard atComment else { break }
            while !Self.endsLine(byte) { position += 1 }
        }
        guard byte != nil else { throw source.error(at: start, "this bracket is never closed") }
    }
}
