import HostSystem

/// Judges a diff that a command has made: which files it changes, and whether it may.
///
/// The diff is `git diff --binary --no-renames`'s. A form that this reader doesn't know is refused,
/// because git may see more in it.
package struct PatchCheck: Hashable, Sendable {
    package static let mostBytes = 200 << 10
    private static let mostFiles = 100

    package let files: [String]

    /// Why a diff is refused, as a sentence.
    package struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String

        init(_ description: String) {
            self.description = description
        }
    }

    package init(_ diff: some Collection<UInt8>) throws(Refusal) {
        guard !diff.isEmpty else { throw Refusal("The command changed nothing.") }
        guard diff.count <= Self.mostBytes else {
            throw Refusal("The diff has \(diff.count) bytes; at most \(Self.mostBytes) are taken.")
        }
        guard let text = String(validating: diff, as: UTF8.self), !text.utf8.contains(0) else {
            throw Refusal("The diff isn't UTF-8 text.")
        }
        var reader = Reader()
        // By bytes, as git does: "\r\n" is one Character, which isn't "\n".
        let lines = text.utf8.split(
            separator: UInt8(ascii: "\n"),
            omittingEmptySubsequences: false,
        )
        for line in lines { try reader.take(Substring(line)) }
        try reader.finish()
        guard !reader.files.isEmpty, reader.files.count <= Self.mostFiles else {
            throw Refusal(
                reader.files.isEmpty
                    ? "The diff names no file."
                    : "The diff changes more than \(Self.mostFiles) files."
            )
        }
        files = reader.files
    }

    /// Why a path may not be changed; nil if it may.
    static func reason(against path: String) -> String? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard !path.isEmpty, !path.hasPrefix("/"),
            !parts.contains(where: { $0 == ".." || $0 == "." || $0.isEmpty })
        else { return "leads out of the repository" }
        guard !path.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }),
            !path.contains("\\")
        else { return "has a name with control characters or backslashes" }
        for part in parts {
            // File systems that ignore case, trailing dots or invisible characters find the same.
            let name = String(part.lowercased().unicodeScalars.filter { !isIgnored($0) })
                .trimmingEnd(of: ". ")
            if name == ".git" || name.hasPrefix(".git:") || name.hasPrefix("git~") {
                return "belongs to git"
            }
            if [".gitmodules", ".gitattributes"].contains(name) { return "configures git" }
            if [
                ".github", ".gitlab-ci.yml", ".circleci", "jenkinsfile", "azure-pipelines.yml",
                ".buildkite",
            ].contains(name) {
                return "configures builds"
            }
            if [".husky", ".pre-commit-config.yaml"].contains(name) { return "runs at commits" }
            if [".claude", ".mcp.json", ".cursor", ".vscode"].contains(name) {
                return "configures programs that run commands"
            }
            if name == ".env" || name.hasPrefix(".env.") || name == ".envrc" {
                return "holds variables of the environment"
            }
            if [".npmrc", ".yarnrc", ".yarnrc.yml", ".netrc", ".pypirc", ".ssh", ".aws"]
                .contains(name)
            {
                return "holds credentials"
            }
            if [".pem", ".key", ".p12", ".pfx", ".jks", ".keystore"]
                .contains(where: name.hasSuffix) || name.hasPrefix("id_rsa")
                || name.hasPrefix("id_ed25519")
            {
                return "holds a key"
            }
        }
        return nil
    }

    /// Characters that HFS+ ignores in names.
    private static func isIgnored(_ scalar: Unicode.Scalar) -> Bool {
        (0x200B...0x200F).contains(scalar.value) || (0x202A...0x202E).contains(scalar.value)
            || (0x2060...0x206F).contains(scalar.value) || scalar.value == 0xFEFF
    }

    /// What in an added line looks like a credential; nil if nothing does.
    package static func credential(in line: some StringProtocol) -> String? {
        if line.contains("PRIVATE KEY-----") { return "a private key" }
        let tokens: [(prefix: String, rest: Int)] = [
            ("ghp_", 30), ("gho_", 30), ("ghs_", 30), ("github_pat_", 30), ("glpat-", 20),
            ("sk-ant-", 20), ("sk-proj-", 20), ("sk_live_", 16), ("rk_live_", 16), ("AKIA", 16),
            ("ASIA", 16), ("AIza", 30), ("xoxb-", 20), ("xoxp-", 20), ("npm_", 30), ("hf_", 30),
        ]
        let words = line.split { character in
            !(character.isASCII && (character.isLetter || character.isNumber))
                && character != "_" && character != "-"
        }
        for word in words {
            for token in tokens
            where word.hasPrefix(token.prefix)
                && word.utf8.count >= token.prefix.utf8.count + token.rest
            {
                return "a token (\(token.prefix)…)"
            }
        }
        return nil
    }
}

extension PatchCheck {
    /// Follows the lines of a diff: what stands in a hunk is content, whatever it looks like.
    private struct Reader {
        private(set) var files: [String] = []
        /// The lines that the present hunk still has, of the old and of the new file.
        private var hunk = (old: 0, new: 0)
        private var isInFile = false

        mutating func take(_ line: Substring) throws(Refusal) {
            if hunk.old > 0 || hunk.new > 0 { return try takeContent(line) }
            if line.hasPrefix("diff --git ") { return try begin(line) }
            if line.isEmpty || line.hasPrefix("\\ No newline") { return }
            guard isInFile else { throw Refusal("The diff begins with \"\(line.shown)\".") }
            if line.hasPrefix("@@ ") { return try beginHunk(line) }
            if line.hasPrefix("--- ") || line.hasPrefix("+++ ") { return try checkName(line) }
            try takeHeader(line)
        }

        func finish() throws(Refusal) {
            guard hunk.old <= 0, hunk.new <= 0 else { throw Refusal("The diff is incomplete.") }
        }

        private mutating func begin(_ line: Substring) throws(Refusal) {
            // Names with special characters are quoted; we take none of them.
            let names = line.dropFirst("diff --git ".count)
            let length = (names.count - 1) / 2
            let old = names.prefix(length)
            let new = names.dropFirst(length + 1)
            guard old.hasPrefix("a/"), new.hasPrefix("b/"), old.dropFirst(2) == new.dropFirst(2)
            else { throw Refusal("The diff has a line that isn't understood: \(line.shown)") }
            let path = String(new.dropFirst(2))
            if let reason = PatchCheck.reason(against: path) {
                throw Refusal("It changes \(path[...].shown), which \(reason).")
            }
            files.append(path)
            isInFile = true
        }

        private func checkName(_ line: Substring) throws(Refusal) {
            // Git ends a name that has blanks with a tab.
            let name = line.dropFirst(4).prefix { $0 != "\t" }
            let path = files.last ?? ""
            guard name == "/dev/null" || name == "a/\(path)" || name == "b/\(path)" else {
                throw Refusal("The diff names \(name.shown) where \(path[...].shown) is due.")
            }
        }

        private func takeHeader(_ line: Substring) throws(Refusal) {
            for prefix in ["new file mode ", "old mode ", "new mode ", "deleted file mode "]
            where line.hasPrefix(prefix) {
                let mode = line.dropFirst(prefix.count)
                guard mode == "100644" || mode == "100755" else {
                    let kind =
                        mode == "120000"
                        ? "a symbolic link"
                        : mode == "160000" ? "a submodule" : "mode \(mode.shown)"
                    throw Refusal("\(files.last ?? "A file") is \(kind).")
                }
                return
            }
            if line.hasPrefix("index ") {
                let mode = line.split(separator: " ").dropFirst(2).first
                guard mode == nil || mode == "100644" || mode == "100755" else {
                    throw Refusal("\(files.last ?? "A file") is no regular file.")
                }
                return
            }
            if line.hasPrefix("GIT binary patch") || line.hasPrefix("Binary files ") {
                throw Refusal("\(files.last ?? "A file") is binary.")
            }
            throw Refusal("The diff has a line that isn't understood: \(line.shown)")
        }

        // `@@ -1,3 +1,4 @@`
        private mutating func beginHunk(_ line: Substring) throws(Refusal) {
            let words = line.split(separator: " ")
            guard words.count >= 4, words[3] == "@@",
                let old = Self.length(words[1], sign: "-"),
                let new = Self.length(words[2], sign: "+")
            else { throw Refusal("The diff has a line that isn't understood: \(line.shown)") }
            hunk = (old, new)
        }

        private static func length(_ word: Substring, sign: Character) -> Int? {
            guard word.first == sign else { return nil }
            let numbers = word.dropFirst().split(separator: ",", omittingEmptySubsequences: false)
            guard (1...2).contains(numbers.count), Int(numbers[0]) != nil else { return nil }
            guard numbers.count == 2 else { return 1 }
            return Int(numbers[1]).flatMap { (0...PatchCheck.mostBytes).contains($0) ? $0 : nil }
        }

        private mutating func takeContent(_ line: Substring) throws(Refusal) {
            switch line.utf8.first {
            case UInt8(ascii: "+"):
                hunk.new -= 1
                if let what = PatchCheck.credential(in: Substring(line.utf8.dropFirst())) {
                    throw Refusal("It adds \(what) to \(files.last ?? "a file").")
                }
            case UInt8(ascii: "-"): hunk.old -= 1
            case UInt8(ascii: " "), nil:
                hunk.old -= 1
                hunk.new -= 1
            case UInt8(ascii: "\\"): break
            default: throw Refusal("The diff has a line that isn't understood: \(line.shown)")
            }
            guard hunk.old >= 0, hunk.new >= 0 else {
                throw Refusal("A part of the diff is longer than it says.")
            }
        }
    }
}

extension Substring {
    /// A part of a diff for a message.
    fileprivate var shown: String { String(prefix(80)).visibleLine }
}

extension String {
    fileprivate func trimmingEnd(of characters: String) -> String {
        var text = self[...]
        while let last = text.last, characters.contains(last) { text.removeLast() }
        return String(text)
    }
}
