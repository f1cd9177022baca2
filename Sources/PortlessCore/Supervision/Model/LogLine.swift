/// A line that a supervised process wrote, or that the keeper wrote about it.
package struct LogLine: Hashable, Sendable {
    package enum Stream: String, Hashable, Sendable {
        case output = "out"
        case error = "err"
        /// The keeper's own words: starts, exits, lost lines.
        case note
    }

    package var process: String
    /// Microseconds since 1970, growing from line to line of a process: also says which lines
    /// somebody has seen already.
    package var time: Int64
    package var stream: Stream
    package var text: String

    package init(process: String, time: Int64, stream: Stream, text: String) {
        self.process = process
        self.time = time
        self.stream = stream
        self.text = text
    }
}
