/// A comment in a file, with its text stripped of the comment marks.
struct SourceComment: Hashable {
    /// Each value beside the comment has the text as its description.
    private static let maximumLength = 400

    var range: Range<Int>
    var text: String
    /// Only blanks stand before it on its line.
    var startsLine: Bool

    init(range: Range<Int>, text: String, startsLine: Bool) {
        self.range = range
        self.text = text.shortened(to: Self.maximumLength)
        self.startsLine = startsLine
    }
}
