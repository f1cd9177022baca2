import PortlessCore

/// The result of one check of `doctor`.
struct Diagnosis: Equatable, Sendable {
    enum Status: String, Sendable {
        case ok, warn, fail, info
    }

    var status: Status
    var text: String
    var hint: String?

    static func ok(_ text: String) -> Diagnosis { Diagnosis(status: .ok, text: text) }

    static func info(_ text: String, hint: String? = nil) -> Diagnosis {
        Diagnosis(status: .info, text: text, hint: hint)
    }

    static func warn(_ text: String, hint: String? = nil) -> Diagnosis {
        Diagnosis(status: .warn, text: text, hint: hint)
    }

    /// The error's first sentence, with what follows it as the hint.
    static func fail(telling error: any Error) -> Diagnosis {
        let text = "\(error)"
        for end in ["\n", ". "] {
            guard let range = text.firstRange(of: end) else { continue }
            let sentence = text[..<range.lowerBound]
            return .fail(
                sentence.hasSuffix(".") ? String(sentence) : sentence + ".",
                hint: String(text[range.upperBound...]),
            )
        }
        return .fail(text)
    }

    static func fail(_ text: String, hint: String? = nil) -> Diagnosis {
        Diagnosis(status: .fail, text: text, hint: hint)
    }
}

extension Diagnosis {
    /// The status five characters wide, then the text, then the hint on a line of its own.
    var lines: [String] {
        let padding = String(repeating: " ", count: 5 - status.rawValue.count)
        return ["\(status.rawValue)\(padding)\(text)"] + (hint.map { ["       \($0)"] } ?? [])
    }

    var json: JSONValue {
        var object: JSONObject = [
            "status": .string(status.rawValue), "text": .string(text),
        ]
        object["hint"] = hint.map(JSONValue.string)
        return .object(object)
    }
}
