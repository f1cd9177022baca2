package import PortlessCore
package import SystemPackage

/// The lines of one state directory in a hosts file.
///
/// The usual directory has the original's markers, so that each program finds the other's block. Other
/// directories have markers with their path, which the original ignores.
package struct HostsBlock: Hashable, Sendable {
    package let directory: FilePath
    /// Whether it is the directory that the original uses, too.
    package let isUsual: Bool

    package init(directory: FilePath, isUsual: Bool) {
        self.directory = directory
        self.isUsual = isUsual
    }

    /// The text with this block for `names`, or without it if there are none; the rest is unchanged.
    package func applied(to text: String, names: [Hostname]) -> String {
        var lines = HostsLines(text)
        let found = blocks(in: lines)
        let wanted = Set(names).sorted()
        // Even a missing last newline stays the user's.
        guard !found.isEmpty || !wanted.isEmpty else { return text }
        // The first block is rewritten in place; further ones come from broken tools.
        for range in found.dropFirst().reversed() { lines.remove(range) }
        guard !wanted.isEmpty else {
            if let range = found.first { lines.remove(range) }
            return lines.text
        }
        if let range = found.first {
            lines.replace(range, with: content(wanted, in: lines))
        } else {
            lines.append(content(wanted, in: lines))
        }
        return lines.text
    }

    /// The text without the blocks of directories that are gone, such as those of tests.
    package static func removingAbandoned(
        from text: String,
        isGone: (FilePath) -> Bool,
    ) -> String {
        let owners = HostsLines(text).lines
            .map(HostsLines.bare)
            .filter { $0.hasPrefix(taggedStartPrefix) }
            .map { FilePath(String($0.dropFirst(taggedStartPrefix.count))) }
        return Set(owners).filter(isGone).reduce(text) { text, directory in
            HostsBlock(directory: directory, isUsual: false).applied(to: text, names: [])
        }
    }

    /// The names that this block has for both families; nil where there is no block.
    package func names(in text: String) -> Set<Hostname>? {
        let lines = HostsLines(text)
        guard let range = blocks(in: lines).first else { return nil }
        var names: [String: Set<Hostname>] = [:]
        for line in lines.lines[range] {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count > 1, words[0].first != "#" else { continue }
            for name in words.dropFirst().compactMap({ Hostname($0) }) {
                names[String(words[0]), default: []].insert(name)
            }
        }
        return names["127.0.0.1", default: []].intersection(names["::1", default: []])
    }

    private func blocks(in lines: HostsLines) -> [Range<Int>] {
        let tagged = lines.blocks(from: taggedStart, to: taggedEnd)
        guard isUsual else { return tagged }
        // A block without an owner is the original's.
        let plain = lines.blocks(from: Self.plainStart, to: Self.plainEnd).filter { range in
            let owner = Self.owner(of: lines.lines[range])
            return owner == nil || owner == directory.string
        }
        return (plain + tagged).sorted { $0.lowerBound < $1.lowerBound }
    }

    private func content(_ names: [Hostname], in lines: HostsLines) -> [String] {
        let entries = names.flatMap { ["127.0.0.1 \($0)", "::1 \($0)"] }
        // Another user's usual directory may have the plain markers already.
        let foreign = lines.blocks(from: Self.plainStart, to: Self.plainEnd).contains { range in
            let owner = Self.owner(of: lines.lines[range])
            return owner != nil && owner != directory.string
        }
        return isUsual && !foreign
            ? [Self.plainStart, Self.ownerPrefix + directory.string] + entries + [Self.plainEnd]
            : [taggedStart] + entries + [taggedEnd]
    }

    private static let plainStart = "# portless-start"
    private static let plainEnd = "# portless-end"
    private static let ownerPrefix = "# of "

    // Neither contains a plain marker, which the original searches for as text.
    private static let taggedStartPrefix = "# portless-block-start "
    private var taggedStart: String { "\(Self.taggedStartPrefix)\(directory)" }
    private var taggedEnd: String { "# portless-block-end \(directory)" }

    private static func owner(of lines: ArraySlice<String>) -> String? {
        lines.lazy.map(HostsLines.bare).first { $0.hasPrefix(ownerPrefix) }
            .map { String($0.dropFirst(ownerPrefix.count)) }
    }
}

/// The lines of a hosts file, without their newlines but with the carriage returns that some editors
/// put before them.
struct HostsLines {
    private(set) var lines: [String]
    /// What new lines end with, as the others do.
    private let end: String

    init(_ text: String) {
        // By scalars: Swift takes "\r\n" for one character, which is no "\n".
        lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
            .map { String($0) }
        // The empty piece after the last newline is not a line.
        if lines.last?.isEmpty == true { lines.removeLast() }
        end = lines.first?.hasSuffix("\r") == true ? "\r" : ""
    }

    var text: String { lines.map { $0 + "\n" }.joined() }

    /// The blocks between two markers, both included.
    ///
    /// The user may have commented lines out between them. With a mapping of another kind between them,
    /// or without an end, the block ends with the last line that is certainly ours.
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
        lines.replaceSubrange(range, with: new.map { $0 + end })
    }

    /// Removes a block with the blank line before it.
    mutating func remove(_ range: Range<Int>) {
        let hasGap = range.lowerBound > 0 && Self.bare(lines[range.lowerBound - 1]).isEmpty
        lines.removeSubrange((hasGap ? range.lowerBound - 1 : range.lowerBound)..<range.upperBound)
    }

    mutating func append(_ block: [String]) {
        if let last = lines.last, !Self.bare(last).isEmpty { lines.append(end) }
        lines += block.map { $0 + end }
    }

    /// Whether it is a line of ours between markers: a loopback address or the owner's comment.
    private static func isContent(_ line: String) -> Bool {
        let bare = bare(line)
        return bare.hasPrefix("127.0.0.1 ") || bare.hasPrefix("::1 ") || bare.hasPrefix("# of ")
    }

    private static func isAcceptable(_ line: String) -> Bool {
        let bare = bare(line)
        let isComment = bare.hasPrefix("#") && !bare.hasPrefix("# portless-")
        return isContent(line) || isComment || bare.isEmpty
    }

    static func bare(_ line: String) -> Substring {
        var rest = line[...]
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return rest
    }
}
