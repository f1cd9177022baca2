/// A line that a supervised process wrote, or that the keeper wrote about it.
package struct LogLine: Hashable, Sendable {
    package enum Stream: String, Hashable, Sendable {
        case output = "out"
        case error = "err"
        /// The keeper's own words: starts, exits, lost lines.
        case note
    }

    package var process: String
    /// When it was written, in microseconds since 1970, by the clock at that moment.
    package var time: Int64
    /// Grows from line to line of an app, also where the clock was set back: says which lines a
    /// reader has seen already.
    package var cursor: Int64
    package var stream: Stream
    package var text: String

    /// Without a `cursor`, that is the time.
    package init(
        process: String,
        time: Int64,
        cursor: Int64? = nil,
        stream: Stream,
        text: String,
    ) {
        self.process = process
        self.time = time
        self.cursor = cursor ?? time
        self.stream = stream
        self.text = text
    }
}
