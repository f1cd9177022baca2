import NIOCore

/// A prefix of the path that the app doesn't get; a field tells it.
struct StrippedPrefix {
    /// What frameworks read to make links that lead back to the app.
    static let field = "x-forwarded-prefix"

    let text: String

    /// Writes a target without the prefix, if it has it: a shared authority leads to the app with
    /// any path.
    func writeTarget(_ target: Span<UInt8>, to out: inout ByteBuffer) {
        let length = hasPrefix(target) ? text.utf8.count : 0
        if length > 0, length == target.count || target[length] == .questionMark {
            out.writeStaticString("/")
        }
        out.writeRange(ByteRange(start: length, end: target.count), of: target)
    }

    private func hasPrefix(_ target: Span<UInt8>) -> Bool {
        let length = text.utf8.count
        guard target.count >= length else { return false }
        for (index, byte) in text.utf8.enumerated() where target[index] != byte { return false }
        return target.count == length || target[length] == .slash || target[length] == .questionMark
    }
}
