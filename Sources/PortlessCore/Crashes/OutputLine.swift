import HostSystem

/// A line of a program's output, for rules that look for words in it.
struct OutputLine: Sendable {
    /// What rules see of a line.
    private static let longest = 1000

    let text: String
    private let bytes: [UInt8]

    init(_ text: String) {
        let bytes = Array(Self.withoutEscapes(text.utf8.prefix(Self.longest)))
        self.bytes = bytes
        self.text = String(decoding: bytes, as: UTF8.self)
    }

    /// Colours are written around words, and would split them.
    private static func withoutEscapes(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var escape: [UInt8] = []
        for byte in bytes {
            if !escape.isEmpty {
                escape.append(byte)
                let isOver = escape.count == 2 ? byte != 0x5B : (0x40...0x7E).contains(byte)
                if isOver { escape = [] }
            } else if byte == 0x1B {
                escape = [byte]
            } else {
                result.append(byte)
            }
        }
        return result
    }

    // MARK: Words

    func has(_ needle: String) -> Bool { place(of: Array(needle.utf8)) != nil }

    func has(any needles: String...) -> Bool { needles.contains(where: has) }

    /// The text after the first of these that stands in the line.
    func after(_ needles: String...) -> Substring? {
        for needle in needles {
            let needle = Array(needle.utf8)
            guard let place = place(of: needle) else { continue }
            // Not from `text`, where damaged bytes have become longer.
            return Substring(String(decoding: bytes[(place + needle.count)...], as: UTF8.self))
        }
        return nil
    }

    /// The text between two others.
    func between(_ start: String, _ end: String) -> String? {
        guard let rest = after(start) else { return nil }
        let line = OutputLine(String(rest))
        guard let place = line.place(of: Array(end.utf8)), place > 0 else { return nil }
        return String(decoding: line.bytes[..<place], as: UTF8.self)
    }

    private func place(of needle: [UInt8]) -> Int? {
        guard let first = needle.first, needle.count <= bytes.count else { return nil }
        for start in 0...(bytes.count - needle.count)
        where bytes[start] == first && bytes[start..<(start + needle.count)].elementsEqual(needle) {
            return start
        }
        return nil
    }

    private var trimmed: Substring { text.drop { $0 == " " || $0 == "\t" } }

    func begins(with words: String...) -> Bool { words.contains { trimmed.hasPrefix($0) } }

    /// Whether it is a line of a stack trace, or a member of an error that is printed as an object.
    var isFrame: Bool {
        begins(with: "at ", "File \"", "code: '", "syscall: '", "from ", "throw ", "#")
    }

    /// Whether it is a package manager's word about the program that it has run.
    var isWrapper: Bool {
        begins(with: "npm error", "npm ERR!", "error Command failed", " ELIFECYCLE", "[nodemon]")
    }

    // MARK: Addresses

    /// The port that the line names: `port 3000`, `:::3000`, `127.0.0.1:3000`.
    var port: Port? { address?.port }

    /// The host, where the line has one, and the port.
    var address: (host: String?, port: Port)? {
        let words = text.split { " ,'\"`()".contains($0) }
        for word in words {
            guard let address = Self.address(word) else { continue }
            return address
        }
        for (word, next) in zip(words, words.dropFirst())
        where ["port", "port:"].contains(word.lowercased()) {
            if let port = Port(next.prefix { $0.isASCII && $0.isNumber }) {
                return (nil, port)
            }
        }
        return nil
    }

    private static func address(_ word: Substring) -> (host: String?, port: Port)? {
        let word = word.split(separator: "/").last { $0.contains(":") } ?? word
        let body = word.hasSuffix(":") || word.hasSuffix(".") ? word.dropLast() : word
        guard let colon = body.lastIndex(of: ":"),
            let port = Port(body[body.index(after: colon)...])
        else { return nil }
        let host = body[..<colon]
        let isHost =
            host.isEmpty || host == "*" || host == "localhost" || host.hasPrefix("[")
            || host == ":" || host == "::" || host == "::1"
            || host.contains(".") && host.allSatisfy { $0.isASCII && ($0.isNumber || $0 == ".") }
            || host.hasSuffix(".localhost")
        guard isHost else { return nil }
        return (host.isEmpty ? nil : host == ":" ? "::" : String(host), port)
    }
}
