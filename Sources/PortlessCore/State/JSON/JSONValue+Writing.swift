extension JSONValue {
    /// The text with two blanks a level and no newline at the end.
    ///
    /// That is what JavaScript's `JSON.stringify(value, null, 2)` makes, and so the original's files.
    package var formatted: String {
        var text = ""
        write(to: &text, indentation: "\n")
        return text
    }

    /// The shortest text, on one line.
    package var compact: String {
        var text = ""
        write(to: &text, indentation: nil)
        return text
    }

    /// `indentation` is the newline with the blanks of the current level; nil writes one line.
    private func write(to text: inout String, indentation: String?) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .number(let digits): text += digits
        case .string(let value): Self.writeQuoted(value, to: &text)
        case .array(let values):
            Self.write(values, brackets: ("[", "]"), to: &text, indentation: indentation) {
                value,
                text,
                inner in
                value.write(to: &text, indentation: inner)
            }
        case .object(let object):
            Self.write(object.members, brackets: ("{", "}"), to: &text, indentation: indentation) {
                member,
                text,
                inner in
                Self.writeQuoted(member.key, to: &text)
                text += inner == nil ? ":" : ": "
                member.value.write(to: &text, indentation: inner)
            }
        }
    }

    private static func write<Element>(
        _ elements: [Element],
        brackets: (open: String, close: String),
        to text: inout String,
        indentation: String?,
        element write: (Element, inout String, _ inner: String?) -> Void,
    ) {
        text += brackets.open
        let inner = indentation.map { $0 + "  " }
        for (index, element) in elements.enumerated() {
            if index > 0 { text += "," }
            text += inner ?? ""
            write(element, &text, inner)
        }
        if !elements.isEmpty { text += indentation ?? "" }
        text += brackets.close
    }

    private static func writeQuoted(_ string: String, to text: inout String) {
        text += "\""
        defer { text += "\"" }
        // Nearly all strings need no escapes and are copied as a whole.
        guard string.utf8.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }) else {
            text += string
            return
        }
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\u{08}": text += "\\b"
            case "\u{0C}": text += "\\f"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{00}"..<"\u{20}":
                text += scalar.value < 0x10 ? "\\u000" : "\\u00"
                text += String(scalar.value, radix: 16)
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
