import PortlessCore

/// Reads `.env` files: `KEY=value` lines, as dotenv does.
enum DotenvFile {
    struct Entry {
        var name: String
        var value: String
        /// The range is the value's, without quotes.
        var location: SourceLocation
        var comment: String?
    }

    static func entries(of source: SourceText) -> [Entry] {
        var entries: [Entry] = []
        var pendingComment: String?
        for (number, range) in source.lines {
            let text = source.string(range).trimmingBlanks
            if text.hasPrefix("#") {
                pendingComment = String(text.drop { $0 == "#" }).trimmingBlanks
                continue
            }
            if var entry = entry(in: range, line: number, of: source) {
                if entry.comment == nil, let comment = pendingComment, !comment.contains("=") {
                    entry.comment = comment.isEmpty ? nil : comment
                }
                entries.append(entry)
            }
            pendingComment = nil
        }
        return entries
    }

    private static func entry(in range: Range<Int>, line: Int, of source: SourceText) -> Entry? {
        let bytes = source.bytes
        func skipBlanks(_ offset: Int) -> Int {
            var offset = offset
            while offset < range.upperBound, bytes[offset] == 0x20 || bytes[offset] == 0x09 {
                offset += 1
            }
            return offset
        }
        var start = skipBlanks(range.lowerBound)
        if start == 0, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { start = 3 }
        if source.string(start..<min(start + 7, range.upperBound)) == "export " {
            start = skipBlanks(start + 7)
        }
        guard
            let equals = bytes[start..<range.upperBound].firstIndex(of: UInt8(ascii: "="))
        else { return nil }
        let name = source.string(start..<equals).trimmingBlanks
        guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || "_.-".contains($0) })
        else { return nil }
        var valueStart = skipBlanks(equals + 1)
        var valueEnd = range.upperBound
        var behind = range.upperBound
        if valueStart < valueEnd, [0x22, 0x27, 0x60].contains(bytes[valueStart]) {
            let quote = bytes[valueStart]
            if let close = bytes[(valueStart + 1)..<valueEnd].firstIndex(of: quote) {
                valueStart += 1
                valueEnd = close
                behind = close + 1
            }
        } else if let hash = bytes[valueStart..<valueEnd].firstIndex(of: UInt8(ascii: "#")) {
            valueEnd = hash
            behind = hash
        }
        while valueEnd > valueStart, bytes[valueEnd - 1] == 0x20 || bytes[valueEnd - 1] == 0x09 {
            valueEnd -= 1
        }
        let rest = source.string(behind..<range.upperBound).trimmingBlanks
        let comment = rest.hasPrefix("#") ? rest.drop { $0 == "#" }.trimmingBlanks : ""
        return Entry(
            name: name,
            value: source.string(valueStart..<valueEnd),
            location: SourceLocation(file: source.file, line: line, range: valueStart..<valueEnd),
            comment: comment.isEmpty ? nil : comment,
        )
    }
}
