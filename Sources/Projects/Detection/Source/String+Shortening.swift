extension StringProtocol {
    /// The text's beginning with an ellipsis, where it has more than so many characters of Unicode.
    func shortened(to count: Int) -> String {
        // Each one takes up to four bytes.
        guard utf8.count > count,
            let end = unicodeScalars.index(
                unicodeScalars.startIndex,
                offsetBy: count,
                limitedBy: unicodeScalars.endIndex,
            ), end < unicodeScalars.endIndex
        else { return String(self) }
        return String(String.UnicodeScalarView(unicodeScalars[..<end])) + "…"
    }
}
