import PortlessCore

/// Finds the comment that belongs to a value: beside it, else directly above it.
struct CommentIndex {
    /// In the order of the file.
    private let comments: [SourceComment]
    private let source: SourceText

    init(_ comments: [SourceComment], in source: SourceText) {
        self.comments = comments
        self.source = source
    }

    /// The description of the entry or declaration at `range`, with its value.
    func description(of range: Range<Int>) -> String? {
        beside(range.upperBound) ?? above(range.lowerBound)
    }

    /// A comment on the same line, with only closing punctuation in between.
    private func beside(_ end: Int) -> String? {
        let index = firstIndex { $0.range.lowerBound >= end }
        guard index < comments.count else { return nil }
        let comment = comments[index]
        // Of a thousand empty values in a row, only the last ones are beside the comment.
        guard comment.range.lowerBound - end < Self.maximumDistance else { return nil }
        let between = source.bytes[end..<comment.range.lowerBound]
        let closing = Array(" \t,;)]}".utf8)
        guard between.allSatisfy(closing.contains), !comment.text.isEmpty, !comment.isForTools
        else { return nil }
        return comment.text
    }

    /// The comment lines that end on the line before `start`, unless they are disabled code.
    private func above(_ start: Int) -> String? {
        var lines: [String] = []
        var line = source.line(at: start)
        guard startsLine(start) else { return nil }
        for comment in comments[..<firstIndex { $0.range.upperBound > start }].reversed() {
            let last = source.line(at: max(comment.range.lowerBound, comment.range.upperBound - 1))
            guard comment.startsLine, last == line - 1,
                comment.isForTools || !Self.isDisabledCode(comment.text)
            else { break }
            if !comment.isForTools { lines.append(comment.text) }
            line = source.line(at: comment.range.lowerBound)
            guard lines.count < Self.maximumLines else { break }
        }
        let text = lines.reversed().filter { !$0.isEmpty }.joined(separator: " ")
        return text.isEmpty ? nil : text
    }

    /// Longer comments above a value describe something else.
    private static var maximumLines: Int { 100 }
    private static var maximumDistance: Int { 200 }

    /// The index of the first comment that is past the searched place (binary search).
    private func firstIndex(_ isBehind: (SourceComment) -> Bool) -> Int {
        var low = 0
        var high = comments.count
        while low < high {
            let middle = (low + high) / 2
            if isBehind(comments[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    private func startsLine(_ offset: Int) -> Bool {
        let start = source.range(ofLine: source.line(at: offset)).lowerBound
        return source.bytes[start..<offset].allSatisfy { $0 == 0x20 || $0 == 0x09 }
    }

    /// `// PORT: 5173,` above a setting is disabled code, not its description.
    private static func isDisabledCode(_ text: String) -> Bool {
        if let last = text.last, "{}[];".contains(last) { return true }
        guard let separator = text.firstIndex(where: { ":=".contains($0) }) else { return false }
        let name = text[..<separator].filter { !"'\" ".contains($0) }
        let value = text[text.index(after: separator)...].drop { $0 == " " }
        return !name.isEmpty && name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
            && value.first.map { $0.isNumber || "'\"`{[".contains($0) } == true
    }
}

/// A comment in a file, with its text stripped of the comment marks.
struct SourceComment: Hashable {
    /// The text is the description of each value beside the comment.
    private static let maximumLength = 400

    var range: Range<Int>
    var text: String
    /// Whether only blanks precede it on its line.
    var startsLine: Bool

    init(range: Range<Int>, text: String, startsLine: Bool) {
        self.range = range
        self.text = text.shortened(to: Self.maximumLength)
        self.startsLine = startsLine
    }

    /// Whether it speaks to tools, as `@ts-ignore` and `eslint-disable-next-line` do, and so
    /// describes nothing.
    var isForTools: Bool { Self.isForTools(text) }

    static func isForTools(_ text: String) -> Bool {
        let text = text.drop { " *!".contains($0) }
        if text.first == "@", text.dropFirst().first?.isLowercase == true { return true }
        let lower = text.prefix(40).lowercased()
        return toolMarks.contains(where: lower.hasPrefix)
    }

    /// How comments for tools begin; PM2's is at the head of every file that `pm2 init` writes.
    private static let toolMarks = [
        "eslint-", "eslint ", "tslint:", "jshint ", "oxlint-", "stylelint-", "prettier-ignore",
        "biome-ignore", "deno-lint-ignore", "deno-fmt-ignore", "istanbul ignore", "c8 ignore",
        "v8 ignore", "noqa", "nosec", "nosonar", "pylint:", "type: ignore", "pyright:", "mypy:",
        "fmt: ", "yamllint ", "rubocop:", "checkov:", "cspell:", "region", "endregion", "#region",
        "#endregion", "options reference: http",
    ]
}
