import HostSystem
import PortlessCore
import SystemPackage

/// Writes down what a process prints and what its keeper notes of it.
struct ProcessLog: ~Copyable {
    private static let flushSize = 64 << 10
    private static let keptTail = 32 << 10

    private var file: RotatingFile
    /// Raw copies, where the project wants them.
    private var copies: [LogLine.Stream: RawCopy] = [:]
    /// What is wrong with the copies and wasn't told yet.
    private var complaints: [String] = []
    private var buffer: [UInt8] = []
    private var bufferedLines = 0
    private var lost = 0
    /// The place of the note that lines were lost, after those and before all others.
    private var loss: (time: Int64, cursor: Int64)?
    private let cursor: LogCursor
    private var stamp = StampCache()
    /// The last lines while the disk takes none.
    private(set) var unwritten: [UInt8] = []

    /// `cursor` goes on after the last line that is there already.
    init(
        _ path: FilePath,
        plan: PlannedProcess,
        limits: SupervisionPlan,
        cursor: LogCursor,
    ) {
        file = RotatingFile(path, limit: limits.logSize, count: limits.logCount)
        self.cursor = cursor
        for (stream, path) in [
            (LogLine.Stream.output, plan.outputFile), (.error, plan.errorFile),
        ] {
            guard let path else { continue }
            copies[stream] = RawCopy(path, limit: limits.logSize, count: limits.logCount)
        }
    }

    /// Takes a line; its time, and its cursor, which is greater than that of any line before it.
    mutating func append(
        _ stream: LogLine.Stream,
        _ text: UnsafeRawBufferPointer,
    ) -> (time: Int64, cursor: Int64) {
        let place = cursor.next()
        stamp.append(place.time, to: &buffer)
        Self.appendMark(of: stream, place, to: &buffer)
        buffer.append(contentsOf: text)
        buffer.append(0x0A)
        bufferedLines += 1
        copies[stream]?.append(text)
        if buffer.count >= Self.flushSize { flush() }
        return place
    }

    private static func appendMark(
        of stream: LogLine.Stream,
        _ place: (time: Int64, cursor: Int64),
        to bytes: inout [UInt8],
    ) {
        if place.cursor == place.time, let mark = marks[stream] {
            bytes.append(contentsOf: mark)
        } else {
            let head = LogFile.head(of: stream, time: place.time, cursor: place.cursor)
            bytes.append(contentsOf: head.utf8)
        }
    }

    /// Hands everything to the system.
    mutating func flush() {
        complaints += copies.values.compactMap { $0.flush() }
        guard !buffer.isEmpty else { return }
        if lost > 0, let loss {
            var note: [UInt8] = []
            stamp.append(loss.time, to: &note)
            Self.appendMark(of: .note, loss, to: &note)
            note += Array("\(lost) lines were lost here: the log couldn't be written\n".utf8)
            buffer.insert(contentsOf: note, at: 0)
        }
        if buffer.withUnsafeBytes({ file.append($0) }) {
            lost = 0
            loss = nil
            if !unwritten.isEmpty { unwritten = [] }
        } else {
            lost += bufferedLines
            loss = cursor.next()
            unwritten.append(contentsOf: buffer)
            unwritten.removeFirst(max(unwritten.count - Self.keptTail, 0))
        }
        bufferedLines = 0
        buffer.removeAll(keepingCapacity: buffer.capacity <= 4096)
    }

    mutating func takeComplaints() -> [String] {
        defer { complaints = [] }
        return complaints
    }

    private static let marks: [LogLine.Stream: [UInt8]] = [
        .output: Array(" out ".utf8), .error: Array(" err ".utf8), .note: Array(" note ".utf8),
    ]
}
