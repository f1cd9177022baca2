/// The lines in which two texts of as many lines differ, as `diff -u0` writes them.
package enum LineDiff {
    package static func text(file: String, old: [UInt8], new: [UInt8]) -> String {
        var lines = ["--- a/\(file)", "+++ b/\(file)"]
        let pairs = zip(split(old), split(new)).enumerated()
        for (index, pair) in pairs where pair.0 != pair.1 {
            lines.append("@@ -\(index + 1) +\(index + 1) @@")
            lines.append("-" + String(decoding: pair.0, as: UTF8.self))
            lines.append("+" + String(decoding: pair.1, as: UTF8.self))
        }
        return lines.joined(separator: "\n")
    }

    private static func split(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    }
}
