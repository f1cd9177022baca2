/// The name of a process's files, unique within its app.
///
/// On file systems that don't distinguish `Web` from `web` (macOS) both would have the same log,
/// and the log of a process called `web.crash` would be the crash log of `web`. Such names get a
/// mark that no process's name can contain; all others stay unchanged.
struct ProcessFileName {
    let process: String

    /// The name, then the positions of its capital letters in hexadecimal, least first.
    var text: String {
        guard needsMark else { return process }
        var digits = ""
        let bytes = Array(process.utf8)
        for start in stride(from: 0, to: bytes.count, by: 4) {
            var digit = 0
            for (place, byte) in bytes[start...].prefix(4).enumerated()
            where Self.isCapital(byte) {
                digit |= 1 << place
            }
            digits += String(digit, radix: 16)
        }
        let end = digits.lastIndex { $0 != "0" } ?? digits.startIndex
        return "\(process)~\(digits[...end])"
    }

    /// The name of the files of an older version; nil where it is the same.
    var older: String? { needsMark ? process : nil }

    /// Whether an older version's log of this name may be another process's.
    var isCrashLogOfAnother: Bool { process.lowercased().hasSuffix(".crash") }

    private var needsMark: Bool {
        isCrashLogOfAnother || process.utf8.contains(where: Self.isCapital)
    }

    private static func isCapital(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }
}
