/// A naive second reading of a message head, to compare the parser's with.
struct MessageText {
    let startLine: [UInt8]
    /// Names in lower case, values without the white space around them.
    let fields: [(name: String, value: [UInt8])]

    /// Nil where a line holds what could end one, or the head doesn't end with its bytes.
    init?(_ bytes: some Collection<UInt8>) {
        var lines: [[UInt8]] = [[]]
        var previous: UInt8 = 0
        for byte in bytes {
            switch (previous, byte) {
            case (0x0D, 0x0A): lines.append([])
            case (0x0D, _), (_, 0x0A), (_, 0): return nil
            case (_, 0x0D): break
            default: lines[lines.count - 1].append(byte)
            }
            previous = byte
        }
        guard previous == 0x0A, lines.count >= 3, lines.suffix(2).allSatisfy(\.isEmpty) else {
            return nil
        }
        startLine = lines[0]
        var fields: [(name: String, value: [UInt8])] = []
        for line in lines.dropFirst().dropLast(2) {
            guard let colon = line.firstIndex(of: 0x3A), colon > 0 else { return nil }
            let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
            let value = line[(colon + 1)...].drop(while: isBlank).reversed().drop(while: isBlank)
            fields.append(
                (String(decoding: line[..<colon], as: UTF8.self).lowercased(), value.reversed())
            )
        }
        self.fields = fields
    }

    func count(_ name: String) -> Int { fields.count { $0.name == name } }

    func values(_ name: String) -> [String] {
        fields.filter { $0.name == name }.map { String(decoding: $0.value, as: UTF8.self) }
    }

    /// Whether the body's length can be read in one way only.
    var isFramedOnce: Bool { count("content-length") + count("transfer-encoding") <= 1 }
}
