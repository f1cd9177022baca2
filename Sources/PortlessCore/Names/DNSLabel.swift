import Crypto

/// Makes labels of host names from any text, as the original does, so that a project keeps its name.
package enum DNSLabel {
    package static let maximumLength = 63
    private static let hashLength = 6

    /// Lower case, with a hyphen for each run of other characters than letters and digits; empty
    /// if nothing is left.
    package static func sanitized(_ text: some StringProtocol) -> String {
        truncated(sanitizedWhole(text))
    }

    /// The same, however long it is.
    static func sanitizedWhole(_ text: some StringProtocol) -> String {
        var label = ""
        for scalar in text.lowercased().unicodeScalars {
            let isKept = ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar)
            if isKept {
                label.unicodeScalars.append(scalar)
            } else if !label.isEmpty, label.last != "-" {
                label.append("-")
            }
        }
        if label.last == "-" { label.removeLast() }
        return label
    }

    /// The label itself, or if it is too long, by default for DNS, its beginning and a hash of the
    /// whole.
    package static func truncated(
        _ label: some StringProtocol,
        to length: Int = maximumLength,
    ) -> String {
        guard label.utf16.count > length else { return String(label) }
        var beginning = label.prefix(length - hashLength - 1)
        while beginning.last == "-" { beginning.removeLast() }
        let hash = SHA256.hash(data: Array(label.utf8)).prefix(hashLength / 2)
        return beginning + "-" + hash.hexadecimal
    }

    package static func sanitizingEach(_ name: some StringProtocol) -> String {
        name.split(separator: ".").map { sanitized($0) }.filter { !$0.isEmpty }
            .joined(separator: ".")
    }

    package static func truncatingEach(_ name: some StringProtocol) -> String {
        name.split(separator: ".", omittingEmptySubsequences: false)
            .map { truncated($0) }
            .joined(separator: ".")
    }
}
