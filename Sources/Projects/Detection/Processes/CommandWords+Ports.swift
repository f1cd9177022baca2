import PortlessCore

extension CommandWords {
    /// A port given on a command line, or why it isn't known.
    struct PortFlag {
        /// `--port`, `-p` or the variable of `PORT=3000 node server.js`.
        var name: String
        var reading: PortReading
        /// The value in the place where it was written.
        var value: JavaScriptValue
    }

    /// `--port N`, `--port=N` and `-p N`.
    var portFlags: [PortFlag] {
        var flags: [PortFlag] = []
        for (index, word) in words.enumerated() {
            for name in ["--port", "-p"] {
                if word.text == name, index + 1 < words.count {
                    let next = words[index + 1]
                    // `-p` means other things to other tools; only a number speaks of a port.
                    guard name == "--port" || Self.looksLikePort(next.text) else { continue }
                    flags.append(flag(name, next, offset: 0))
                } else if word.text.hasPrefix(name + "=") {
                    let offset = name.utf8.count + 1
                    let text = word.text.dropFirst(name.count + 1)
                    guard name == "--port" || Self.looksLikePort(String(text)) else { continue }
                    flags.append(flag(name, word, offset: offset))
                }
            }
        }
        return flags
    }

    /// `PORT=3000` and the like in front of a command.
    var assignments: [PortFlag] {
        words.compactMap { word in
            guard let equals = word.text.firstIndex(of: "=") else { return nil }
            let name = String(word.text[..<equals])
            guard PortLabels.isPortVariable(name) else { return nil }
            return flag(name, word, offset: name.utf8.count + 1)
        }
    }

    private static func looksLikePort(_ text: String) -> Bool {
        guard let port = Port(text) else { return text.contains("${") && text.contains("PORT") }
        return port >= 1024 || port == 80 || port == 443
    }

    private func flag(_ name: String, _ word: Word, offset: Int) -> PortFlag {
        let range = word.range.lowerBound + offset..<word.range.upperBound
        let text = String(decoding: Array(word.text.utf8.dropFirst(offset)), as: UTF8.self)
        let piece = word.value.pieces.first { $0.range == range }
        var value = piece?.value ?? JavaScriptValue(.string(text), at: word.value.origin)
        if piece == nil {
            value.comment = word.value.comment
            if case .number = word.value.kind { value = word.value }
            value = ShellVariables.expanded(text, as: value)
        }
        return PortFlag(name: name, reading: PortReading(value, named: name), value: value)
    }
}
