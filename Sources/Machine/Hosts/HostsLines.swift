/// A hosts file as lines, edited without touching those of others.
struct HostsLines {
    private(set) var lines: [String]

    init(_ text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        // The empty piece behind the last newline is not a line.
        if lines.last?.isEmpty == true { lines.removeLast() }
    }

    var text: String { lines.map { $0 + "\n" }.joined() }

    /// The blocks between two markers, both included.
    ///
    /// Between them a user may have commented a line out; a mapping of another kind isn't ours, and
    /// then, or without an end, the block reaches as far as its lines are ours beyond doubt.
    func blocks(from start: String, to end: String) -> [Range<Int>] {
        var blocks: [Range<Int>] = []
        var index = 0
        while index < lines.count {
            guard Self.bare(lines[index]) == start else {
                index += 1
                continue
            }
            let first = index
            let rest = lines[(first + 1)...]
            if let last = rest.firstIndex(where: { Self.bare($0) == end }),
                rest[..<last].allSatisfy(Self.isAcceptable)
            {
                index = last + 1
            } else {
                index = rest.firstIndex { !Self.isContent($0) } ?? lines.count
            }
            blocks.append(first..<index)
        }
        return blocks
    }

    mutating func replace(_ range: Range<Int>, with new: [String]) {
        lines.replaceSubrange(range, with: new)
    }

    /// Removes a block with the blank line that set it off.
    mutating func remove(_ range: Range<Int>) {
        let hasGap = range.lowerBound > 0 && Self.bare(lines[range.lowerBound - 1]).isEmpty
        lines.removeSubrange((hasGap ? range.lowerBound - 1 : range.lowerBound)..<range.upperBound)
    }

    mutating func append(_ block: [String]) {
        if let last = lines.last, !Self.bare(last).isEmpty { lines.append("") }
        lines += block
    }

    /// What stands between markers: loopback lines and the owner's comment.
    private static func isContent(_ line: String) -> Bool {
        let bare = bare(line)
        return bare.hasPrefix("127.0.0.1 ") || bare.hasPrefix("::1 ") || bare.hasPrefix("# of ")
    }

    private static func isAcceptable(_ line: String) -> Bool {
        let bare = bare(line)
        let isComment = bare.hasPrefix("#") && !bare.hasPrefix("# portless-")
        return isContent(line) || isComment || bare.isEmpty
    }

    private static func bare(_ line: String) -> Substring {
        var rest = line[...]
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return rest
    }
}
