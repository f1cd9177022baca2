/// What a supervised process may be called: it becomes the name of files.
package enum ProcessName {
    package static func isValid(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 120 else { return false }
        return first != UInt8(ascii: ".") && first != UInt8(ascii: "-")
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                    || (0x61...0x7A).contains(byte) || "._-:@".utf8.contains(byte)
            }
    }

    /// A valid name made of any text; nil where nothing is left of it.
    package static func made(of text: String) -> String? {
        let replaced = text.unicodeScalars.map { scalar -> Character in
            isValid("a\(scalar)") ? Character(scalar) : "-"
        }
        let name = String(String(replaced).drop { "-.".contains($0) }.prefix(120))
        return isValid(name) ? name : nil
    }
}
