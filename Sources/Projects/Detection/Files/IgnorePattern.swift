/// One pattern of a `.gitignore`: `*` and `?` within a name, `**/` for any folders, `**` for
/// anything, and a backslash before a character that means itself.
///
/// Matching walks the text once and keeps every place in the pattern that it may have reached, so
/// it takes as many steps as pattern and text are long, multiplied, however many stars there are.
struct IgnorePattern {
    private enum Part {
        case character(Unicode.Scalar)
        /// One character but for a slash.
        case any
        /// Any number of characters but for slashes.
        case star
        /// Any number of whole folders, each with its slash.
        case folders
        case everything
    }

    private let parts: [Part]

    var count: Int { parts.count }

    init(_ pattern: String) {
        var parts: [Part] = []
        var rest = Array(pattern.unicodeScalars)[...]
        while let first = rest.popFirst() {
            switch first {
            case "*" where rest.starts(with: "*/".unicodeScalars):
                rest.removeFirst(2)
                parts.append(.folders)
            case "*" where rest.elementsEqual("*".unicodeScalars):
                rest.removeFirst()
                parts.append(.everything)
            // Two stars in a row are as good as one.
            case "*":
                if case .star = parts.last { continue }
                parts.append(.star)
            case "?": parts.append(.any)
            case "\\": parts.append(.character(rest.popFirst() ?? first))
            default: parts.append(.character(first))
            }
        }
        self.parts = parts
    }

    func matches(_ text: some Sequence<Unicode.Scalar>) -> Bool {
        var reached = [Bool](repeating: false, count: parts.count + 1)
        reached[0] = true
        passEmpty(&reached)
        for character in text {
            guard reached.contains(true) else { return false }
            var next = [Bool](repeating: false, count: parts.count + 1)
            for (place, part) in parts.enumerated() where reached[place] {
                switch part {
                case .character(let wanted): if character == wanted { next[place + 1] = true }
                case .any: if character != "/" { next[place + 1] = true }
                case .star: if character != "/" { next[place] = true }
                case .folders:
                    // Within a folder's name, until its slash.
                    next[place] = true
                case .everything: next[place] = true
                }
            }
            passEmpty(&next, after: character)
            reached = next
        }
        return reached[parts.count]
    }

    /// Goes past the parts that may stand for nothing.
    private func passEmpty(_ reached: inout [Bool], after previous: Unicode.Scalar? = nil) {
        for (place, part) in parts.enumerated() where reached[place] {
            switch part {
            case .star, .everything: reached[place + 1] = true
            case .folders where previous == nil || previous == "/": reached[place + 1] = true
            case .folders, .character, .any: break
            }
        }
    }
}
