import HostSystem
import PortlessCore

enum LogSchemas {
    static let tail = Schema.named(
        "LogTail",
        .object(
            [
                .required("processName", .orNull(.text)), .required("lines", .integer(nil)),
                .required("logs", .text), .required("entries", .array(line, count: nil)),
            ],
            others: .refused,
        ),
    )

    static let line = Schema.named(
        "LogLine",
        .object(
            [
                .required("process", .text),
                .required("time", .described("Microseconds since 1970.", .integer(nil))),
                .required(
                    "cursor",
                    .described(
                        "Grows from line to line of an app, also where the clock was set back.",
                        .integer(nil),
                    ),
                ),
                .required("stream", .oneOf(["out", "err", "note"])), .required("text", .text),
            ],
            others: .refused,
        ),
    )
}

extension LogLine {
    var json: JSONValue {
        .object([
            "process": .string(process), "time": .integer(time), "cursor": .integer(cursor),
            "stream": .string(stream.rawValue), "text": .string(text),
        ])
    }
}

extension ServerSentEvent {
    /// The original's events, with the process, our time and our cursor beside them.
    init(_ line: LogLine) {
        let name =
            switch line.stream {
            case .output: "stdout"
            case .error: "stderr"
            case .note: "note"
            }
        self.init(
            name,
            .object([
                "line": .string(line.text), "type": .string(name),
                "timestamp": .string(Timestamp(milliseconds: line.time / 1000).text),
                "process": .string(line.process), "time": .integer(line.time),
                "cursor": .integer(line.cursor),
            ]),
            id: String(line.cursor),
        )
    }
}
