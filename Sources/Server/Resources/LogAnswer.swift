import HostSystem
import PortlessCore
import Runner

enum LogSchemas {
    static let tail = Schema.named(
        "LogTail",
        .object([
            .required("processName", .orNull(.text)), .required("lines", .integer()),
            .required("logs", .text),
            .required("entries", .array(.told(LogLine.shape))),
        ]),
    )
}

extension ServerSentEvent {
    init(_ line: LogLine) {
        let event = line.event
        self.init(event.name, event.data, id: String(line.cursor))
    }
}

/// Answers with lines of logs, which are encoded while they are sent.
struct LogAnswer {
    let work: BlockingWork

    /// The lines as a terminal shows them, then each with all its properties.
    func tail(_ lines: LogExcerpt, of process: String?) -> Pieces {
        Pieces(work: work) { emit in
            var buffer = PieceBuffer()
            let name = process.map { JSONValue.string($0) } ?? .null
            buffer.append(
                "{\"processName\":\(name.compact),\"lines\":\(lines.count),\"logs\":"
            )
            try await Self.write(lines, named: process == nil, into: &buffer, emit)
            buffer.append(",\"entries\":[")
            var comma = ""
            for line in lines {
                buffer.append(comma + line.json.compact)
                comma = ","
                try await buffer.flush(emit)
            }
            buffer.append("]}\n")
            try await buffer.flush(emit, isLast: true)
        }
    }

    /// The lines of each process, which are read when it is their turn.
    func texts(
        of app: String,
        _ processes: [String],
        _ lines: @escaping @Sendable (_ process: String) async -> LogExcerpt,
    ) -> Pieces {
        Pieces(work: work) { emit in
            var buffer = PieceBuffer()
            buffer.append("{\"app\":\(JSONValue.string(app).compact),\"processes\":{")
            var comma = ""
            for process in processes {
                buffer.append("\(comma)\(JSONValue.string(process).compact):")
                comma = ","
                try await Self.write(await lines(process), named: false, into: &buffer, emit)
            }
            buffer.append("}}\n")
            try await buffer.flush(emit, isLast: true)
        }
    }

    /// One JSON string of all lines, as a terminal shows them.
    @concurrent private static func write(
        _ lines: LogExcerpt,
        named: Bool,
        into buffer: inout PieceBuffer,
        _ emit: Pieces.Emit,
    ) async throws {
        buffer.append("\"")
        for line in lines {
            let text = named ? "\(line.process) | \(line.text)\n" : "\(line.text)\n"
            // Without its quotes: the lines are parts of one string.
            buffer.append(JSONValue.string(text).compact.dropFirst().dropLast())
            try await buffer.flush(emit)
        }
        buffer.append("\"")
    }
}
