/// One field line of a head, as offsets.
struct HeaderField: Sendable {
    /// The whole line, its CRLF included.
    var line: ByteRange
    var name: ByteRange
    /// Without the white space around it.
    var value: ByteRange
    var known: FieldName
    /// Named by a `Connection` field, so about this connection only.
    var isNominated = false
}
