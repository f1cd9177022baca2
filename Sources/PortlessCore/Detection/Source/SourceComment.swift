/// A comment in a file, with its text stripped of the comment marks.
struct SourceComment: Hashable {
    var range: Range<Int>
    var text: String
    /// Only blanks stand before it on its line.
    var startsLine: Bool
}
