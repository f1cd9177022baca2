/// A half-open range of byte offsets within one message, so that a parsed head needs no copies.
struct ByteRange: Equatable, Sendable {
    var start: Int
    var end: Int

    static let empty = ByteRange(start: 0, end: 0)

    var count: Int { end - start }
    var isEmpty: Bool { start == end }
}
