extension ResponseHead {
    /// Whether the body is a stream of server-sent events, which may pause for as long as it likes.
    func isEventStream(_ bytes: Span<UInt8>) -> Bool {
        // A body of a known length ends, and most answers are of that kind.
        guard framing == .chunked || framing == .untilClose else { return false }
        return fields.contains { field in
            field.known == .other && field.name.count == 12
                && bytes.matches("content-type", at: field.name.start)
                && field.value.count >= 17
                && bytes.matches("text/event-stream", at: field.value.start)
        }
    }
}
