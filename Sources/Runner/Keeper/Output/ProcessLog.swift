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
    private var lastTime: Int64
    private var stamp = StampCache()
    /// The last lines while the disk takes none.
    private(set) var unwritten: [UInt8] = []

    /// `lastTime` is that of the last line that is there already.
    init(_ path: FilePath, plan: PlannedProcess, limits: SupervisionPlan, lastTime: Int64) {
        file = RotatingFile(path, limit: limits.logSize, count: limits.logCount)
        self.lastTime = lastTime
        for (stream, path) in [
            (LogLine.Stream.output, plan.outputFile), (.error, plan.errorFile),
        ] {
            guard let path else { continue }
            copies[stream] = RawCopy(path, limit: limits.logSize, count: limits.logCount)
        }
    }

    /// Takes a line; its time, which is later than that of any line before it.
    mutating func append(_ stream: LogLine.Stream, _ text: UnsafeRawBufferPointer) -> Int64 {
        let time = max(SystemClock.now / 1000, lastTime + 1)
        lastTime = time
        stamp.append(time, to: &buffer)
        buffer.append(contentsOf: Self.marks[stream] ?? [])
        buffer.append(contentsOf: text)
        buffer.append(0x0A)
        bufferedLines += 1
        copies[stream]?.append(text)
        if buffer.count >= Self.flushSize { flush() }
        return time
    }

    /// Hands everything to the system.
    mutating func flush() {
        complaints += copies.values.compactMap { $0.flush() }
        guard !buffer.isEmpty else { return }
        if lost > 0 {
            var note: [UInt8] = []
            stamp.append(lastTime, to: &note)
            note += Self.marks[.note] ?? []
            note += Array("\(lost) lines were lost here: the log couldn't be written\n".utf8)
            buffer.insert(contentsOf: note, at: 0)
        }
        if buffer.withUnsafeBytes({ file.append($0) }) {
            lost = 0
            if !unwritten.isEmpty { unwritten = [] }
        } else {
            lost += bufferedLines
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
