extension QRCode {
    /// The light modules around the code, without which readers don't find it.
    private static let quietZone = 4

    /// The code as lines of text, two modules above one another in each character.
    ///
    /// `isDarkInk` says what a block stands for: true where the caller sets black on white, false
    /// for a terminal's own colours, which mostly are light on dark.
    package func lines(isDarkInk: Bool) -> [String] {
        let range = -Self.quietZone..<(size + Self.quietZone)
        return stride(from: range.lowerBound, to: range.upperBound, by: 2).map { row in
            String(
                range.map { column -> Character in
                    let upper = isDark(row: row, column: column) == isDarkInk
                    // A last line of half a height has nothing below.
                    let lower =
                        row + 1 < range.upperBound
                        && isDark(row: row + 1, column: column) == isDarkInk
                    return switch (upper, lower) {
                    case (true, true): "█"
                    case (true, false): "▀"
                    case (false, true): "▄"
                    case (false, false): " "
                    }
                }
            )
        }
    }
}
