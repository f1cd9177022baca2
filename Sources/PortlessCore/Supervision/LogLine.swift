package import HostSystem

/// A line that a supervised process wrote, or that the keeper wrote about it.
package struct LogLine: Hashable, Sendable {
    package enum Stream: String, Hashable, Sendable, CaseIterable {
        case output = "out"
        case error = "err"
        /// The keeper's own words: starts, exits, lost lines.
        case note
    }

    package var process: String
    /// When it was written, by the clock at that moment.
    package var time: Timestamp
    /// Grows from line to line of an app, also where the clock was set back: says which lines a
    /// reader has seen already.
    package var cursor: Int64
    package var stream: Stream
    package var text: String

    /// Without a `cursor`, that is the time in microseconds.
    package init(
        process: String,
        time: Timestamp,
        cursor: Int64? = nil,
        stream: Stream,
        text: String,
    ) {
        self.process = process
        self.time = time
        self.cursor = cursor ?? time.microseconds
        self.stream = stream
        self.text = text
    }
}

// MARK: JSON

extension LogLine {
    private static let form = JSONCodec.object(
        [
            .required("process", \.process, as: .text),
            .required("time", \.time, as: .microseconds),
            .required("cursor", \.cursor, as: .cursor),
            .required("stream", \.stream, as: .choice),
            .required("text", \.text, as: .text),
        ],
        blank: LogLine(process: "", time: Timestamp(seconds: 0), stream: .note, text: ""),
        name: "LogLine",
    )

    package static var shape: JSONShape { form.shape }

    /// The line in the API's lists, between a keeper and the server, and as `logs --json` prints it.
    package var json: JSONValue { Self.form.write(self) }

    /// The line as an event: the original's fields, with the process, our time and our cursor.
    package var event: (name: String, data: JSONValue) {
        let name = Self.eventNames[stream] ?? ""
        let data: JSONObject = [
            "line": .string(text), "type": .string(name), "timestamp": .string(time.text),
            "process": .string(process), "time": .integer(time.microseconds),
            "cursor": .integer(cursor),
        ]
        return (name, .object(data))
    }

    /// Reads `json`, an event's data, or what a keeper of an older version tells.
    package init?(json: JSONValue) {
        guard var entry = json.object else { return nil }
        if entry["text"] == nil {
            let stream = Self.eventNames.first { $0.value == entry["type"]?.string }?.key ?? .note
            entry["stream"] = .string(stream.rawValue)
            entry["text"] = entry["line"]
        } else if entry["process"] == nil {
            // Older keepers put the process's name there.
            entry["process"] = entry["line"]
        }
        entry["cursor"] = entry["cursor"] ?? entry["time"]
        guard let line = try? Self.form.read(.object(entry), "line") else { return nil }
        self = line
    }

    private static let eventNames: [Stream: String] = [
        .output: "stdout", .error: "stderr", .note: "note",
    ]
}

extension JSONCodec<Int64> {
    fileprivate static let cursor = JSONCodec(
        .integer,
        "a whole number",
        write: { .integer($0) },
        read: { $0.integer(as: Int64.self) },
    )
}
