/// Finds the comment that belongs to a value: beside it, else directly above it.
struct CommentIndex {
    private let comments: [SourceComment]
    private let source: SourceText

    init(_ comments: [SourceComment], in source: SourceText) {
        self.comments = comments
        self.source = source
    }

    /// The description of what stands at `range`, an entry or declaration with its value.
    func description(of range: Range<Int>) -> String? {
        beside(range.upperBound) ?? above(range.lowerBound)
    }

    /// A comment on the same line, with nothing but closing punctuation in between.
    private func beside(_ end: Int) -> String? {
        guard let comment = comments.first(where: { $0.range.lowerBound >= end }) else {
            return nil
        }
        let between = source.bytes[end..<comment.range.lowerBound]
        let closing = Array(" \t,;)]}".utf8)
        guard between.allSatisfy(closing.contains), !comment.text.isEmpty else { return nil }
        return comment.text
    }

    /// The comment lines that end on the line before `start`, unless they are disabled code.
    private func above(_ start: Int) -> String? {
        var lines: [String] = []
        var line = source.line(at: start)
        guard startsLine(start) else { return nil }
        for comment in comments.reversed() where comment.range.upperBound <= start {
            let last = source.line(at: max(comment.range.lowerBound, comment.range.upperBound - 1))
            guard comment.startsLine, last == line - 1, !Self.isDisabledCode(comment.text) else {
                break
            }
            lines.insert(comment.text, at: 0)
            line = source.line(at: comment.range.lowerBound)
        }
        let text = lines.filter { !$0.isEmpty }.joined(separator: " ")
        return text.isEmpty ? nil : text
    }

    private func startsLine(_ offset: Int) -> Bool {
        let start = source.range(ofLine: source.line(at: offset)).lowerBound
        return source.bytes[start..<offset].allSatisfy { $0 == 0x20 || $0 == 0x09 }
    }

    /// `// PORT: 5173,` above a setting is what somebody switched off, not what the setting means.
    private static func isDisabledCode(_ text: String) -> Bool {
        if let last = text.last, "{}[];".contains(last) { return true }
        guard let separator = text.firstIndex(where: { ":=".contains($0) }) else { return false }
        let name = text[..<separator].filter { !"'\" ".contains($0) }
        let value = text[text.index(after: separator)...].drop { $0 == " " }
        return !name.isEmpty && name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
            && value.first.map { $0.isNumber || "'\"`{[".contains($0) } == true
    }
}
