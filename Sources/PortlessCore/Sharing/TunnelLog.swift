/// What the program of a tunnel has written, read line by line for its address and its complaint.
///
/// A value that is given lines of any content; it keeps three short texts of them.
package struct TunnelLog: Sendable {
    /// How far before the address its announcement may stand, as the npm original has it.
    private static let reach = 80
    private static let longestComplaint = 300

    private let provider: SharingProvider
    /// The end of what came before, in which the announcement may stand.
    private var before = ""
    private(set) package var url: SharedURL?
    /// Whether the tunnel is connected, as far as the program tells.
    private(set) package var isConnected = false
    /// The last error that the program wrote, in its own words.
    private(set) package var complaint: String?
    /// Whether it complains about the user's account.
    private(set) package var refusesAccount = false

    package init(_ provider: SharingProvider) {
        self.provider = provider
    }

    package mutating func take(_ line: String) {
        let line = line.count > 4096 ? String(line.prefix(4096)) : line
        if url == nil { url = address(in: line) }
        before = String((before + line + "\n").suffix(Self.reach))
        if provider == .cloudflare, line.contains("Registered tunnel connection") {
            isConnected = true
        }
        if provider == .ngrok, url != nil { isConnected = true }
        guard let words = Self.complaint(in: line) else { return }
        complaint = String(words.prefix(Self.longestComplaint))
        let text = line.lowercased()
        if text.contains("authtoken") || text.contains("authentication failed")
            || text.contains("err_ngrok_105") || text.contains("err_ngrok_107")
            || text.contains("err_ngrok_4018")
        {
            refusesAccount = true
        }
    }

    // MARK: The address

    private func address(in line: String) -> SharedURL? {
        let text = before + line
        var rest = text[...]
        while let start = rest.firstRange(ofText: "https://") {
            let candidate = text[start...].prefix { !$0.isWhitespace && !"\"'|<>\\,".contains($0) }
            let announcement = text[..<start].suffix(Self.reach).lowercased()
            if let url = SharedURL(candidate), isOurs(url, after: announcement) { return url }
            rest = text[start...].dropFirst("https://".count)
        }
        return nil
    }

    private func isOurs(_ url: SharedURL, after announcement: String) -> Bool {
        let labels = url.host.labels
        switch provider {
        case .ngrok:
            let isAnnounced = ["forwarding", "url=", "\"url\"", "started tunnel"]
                .contains(where: announcement.contains)
            return isAnnounced && labels.suffix(2) != ["ngrok", "com"]
        case .cloudflare:
            // `api.trycloudflare.com` is what the program itself asks, which errors mention.
            return labels.count == 3 && labels.suffix(2) == ["trycloudflare", "com"]
                && labels[0] != "api" && labels[0] != "www"
        case .tailscale, .funnel: return false
        }
    }

    // MARK: The complaint

    /// The words of an error line, in logfmt, in cloudflared's form, or without any.
    static func complaint(in line: String) -> String? {
        if let level = logfmtValue("lvl", in: line) {
            guard ["eror", "error", "crit", "warn"].contains(level) else { return nil }
            let error = logfmtValue("err", in: line).flatMap { $0 == "<nil>" ? nil : $0 }
            return sentence(error ?? logfmtValue("msg", in: line) ?? line)
        }
        if let mark = line.firstRange(ofText: " ERR ") {
            return sentence(String(line[mark...].dropFirst(" ERR ".count)))
        }
        if let rest = line.droppingPrefix("ERROR:") { return sentence(rest) }
        let lower = line.lowercased()
        guard lower.hasPrefix("failed") || lower.hasPrefix("error") else { return nil }
        return sentence(line)
    }

    /// One line of words: the first one of a text that says anything.
    private static func sentence(_ text: String) -> String? {
        let lines = text.split(whereSeparator: \.isNewline)
            .map { $0.trimmingBlanks }
            .filter { !$0.isEmpty }
        return lines.first.map { String($0) }
    }

    /// The value of a key in `key=value key="quoted value"`.
    static func logfmtValue(_ key: String, in line: String) -> String? {
        var rest = line[...]
        while let start = rest.firstRange(ofText: key + "=") {
            let isKey = start == line.startIndex || line[line.index(before: start)] == " "
            let value = line[start...].dropFirst(key.count + 1)
            if isKey { return value.first == "\"" ? unquoted(value.dropFirst()) : word(value) }
            rest = value
        }
        return nil
    }

    private static func word(_ text: Substring) -> String {
        String(text.prefix { !$0.isWhitespace })
    }

    private static func unquoted(_ text: Substring) -> String {
        var result = ""
        var isEscaped = false
        for character in text {
            if isEscaped {
                switch character {
                case "n", "r": result.append("\n")
                case "t": result.append(" ")
                default: result.append(character)
                }
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                return result
            } else {
                result.append(character)
            }
        }
        return result
    }
}

extension StringProtocol {
    /// Where a text begins in this one.
    fileprivate func firstRange(ofText text: String) -> Index? {
        indices.first { self[$0...].hasPrefix(text) }
    }

    fileprivate func droppingPrefix(_ prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
