import HostSystem
import PortlessCore

/// The lines that Portless keeps in a file that the user and other tools have, such as `.env.local`.
package enum DotenvBlock {
    static let begin = "# portless: begin (`portless env --write` replaces these lines)"
    static let end = "# portless: end"

    /// A file in which the part that Portless wrote can't be told from the rest.
    package struct Damage: Error, Hashable {
        package let line: Int
    }

    /// The file's text with `lines` as our part, in its place or at the end; all else stays.
    package static func replaced(
        in text: String,
        by lines: [String],
    ) throws(Damage) -> String {
        // Of bytes, because "\r\n" is one character.
        let old = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
            .map(Substring.init)
        let marks = old.indices.filter { [begin, end].contains(old[$0].trimmingBlanks) }
        let block = [begin] + lines + [end]
        guard let first = marks.first else {
            let separator = text.isEmpty ? "" : text.utf8.last == 0x0A ? "\n" : "\n\n"
            return text + separator + block.map { $0 + "\n" }.joined()
        }
        guard marks.count == 2, old[first].trimmingBlanks == begin,
            old[marks[1]].trimmingBlanks == end
        else { throw Damage(line: first + 1) }
        return (old[..<first].map(String.init) + block + old[(marks[1] + 1)...].map(String.init))
            .joined(separator: "\n")
    }
}

/// How variables are written for other programs.
package enum EnvironmentFormat: String, CaseIterable, Sendable {
    case dotenv
    case json
    case shell

    /// The lines of the variables, in the order of their names.
    ///
    /// JSON is one object. What a shell can't have as a variable is left out of its lines.
    package func lines(of variables: [String: String]) -> [String] {
        let sorted = variables.sorted { $0.key < $1.key }
        switch self {
        case .json:
            var object = JSONObject()
            for (name, value) in sorted { object[name] = .string(value) }
            return JSONValue.object(object).formatted.split(separator: "\n").map(String.init)
        case .dotenv: return sorted.map { "\($0.key)=\(Self.dotenv($0.value))" }
        case .shell:
            return sorted.filter { Self.isIdentifier($0.key) }
                .map { "export \($0.key)=\(ShellWords.quoted($0.value))" }
        }
    }

    /// A value as dotenv's readers in all languages take it: as it stands, in single quotes, within
    /// which everything means itself, or in double quotes with escapes.
    private static func dotenv(_ value: String) -> String {
        let isPlain = value.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: "-_./:@,+%=?&".utf8.contains(byte)
            }
        }
        if isPlain { return value }
        let isOneLine = !value.contains { "\n\r".contains($0) || $0 == "\r\n" }
        if isOneLine, !value.contains("'") { return "'\(value)'" }
        let escaped = value.unicodeScalars.map { scalar in
            switch scalar {
            case "\n": #"\n"#
            case "\r": #"\r"#
            case "\\", "\"", "$", "`": "\\\(scalar)"
            default: String(scalar)
            }
        }
        return "\"\(escaped.joined())\""
    }

    private static func isIdentifier(_ name: String) -> Bool {
        name.first?.isNumber == false
            && name.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F: true
                default: false
                }
            }
    }
}
