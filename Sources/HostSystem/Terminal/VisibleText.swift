extension StringProtocol {
    /// The text with control characters, and characters that hide or reorder text, written as `\u001b`
    /// and the like.
    ///
    /// Line feeds and tabs stay. The notation is JSON's, so JSON stays the same JSON.
    package var visible: String {
        guard unicodeScalars.contains(where: \.isHidden) else { return String(self) }
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            guard scalar.isHidden else {
                result.append(scalar)
                continue
            }
            let digits = String(scalar.value, radix: 16)
            let padding = String(repeating: "0", count: 4 - digits.count)
            result.append(contentsOf: "\\u\(padding)\(digits)".unicodeScalars)
        }
        return String(result)
    }

    /// The same on one line, with line feeds and tabs written out, too.
    package var visibleLine: String {
        visible.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\\n")
            .split(separator: "\t", omittingEmptySubsequences: false).joined(separator: "\\t")
    }
}

extension Unicode.Scalar {
    /// All of these are below U+10000, and so have four digits.
    fileprivate var isHidden: Bool {
        switch value {
        case 0x09, 0x0A: false
        // C0, DEL and C1: terminals take U+009B for the start of an escape sequence, too.
        case 0x00...0x1F, 0x7F...0x9F: true
        // What reorders text ("Trojan Source", CVE-2021-42574): marks, embeddings, overrides and
        // isolates.
        case 0x061C, 0x200E...0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        // Line and paragraph separators, and what takes no room at all.
        case 0x2028...0x2029, 0x200B, 0x2060...0x2064, 0xFEFF: true
        default: false
        }
    }
}
