import HostSystem
import PortlessCore
import SystemPackage

/// Reads a process's log, from its end, with the older parts of it.
struct LogFile {
    /// More than this is not looked at for one question.
    private static let mostBytes: Int64 = 32 << 20

    let path: FilePath
    let process: String

    /// The last `count` lines in their order, only those later than `after`, if it is given.
    func last(_ count: Int, after: Int64? = nil) -> [LogLine] {
        var lines: [LogLine] = []
        var budget = Self.mostBytes
        for part in 0... where lines.count < count && budget > 0 {
            let file = part == 0 ? path : FilePath("\(path.string).\(part)")
            guard var tail = FileTail(file) else { break }
            var isDone = false
            while let line = tail.previousLine(&budget) {
                guard let parsed = Self.parse(line, process) else { continue }
                if let after, parsed.time <= after {
                    isDone = true
                    break
                }
                lines.append(parsed)
                if lines.count == count { break }
            }
            if isDone { break }
        }
        return lines.reversed()
    }

    /// The time of the last line; nil without any.
    var lastTime: Int64? { last(1).first?.time }

    static func parse(_ line: some Collection<UInt8>, _ process: String) -> LogLine? {
        let stampEnd = line.index(
            line.startIndex,
            offsetBy: LogStamp.length,
            limitedBy: line.endIndex,
        )
        guard let stampEnd, let time = LogStamp.parse(line[..<stampEnd]) else { return nil }
        let rest = line[stampEnd...].dropFirst()
        guard let blank = rest.firstIndex(of: 0x20),
            let stream = LogLine.Stream(rawValue: String(decoding: rest[..<blank], as: UTF8.self))
        else { return nil }
        let text = rest[rest.index(after: blank)...]
        return LogLine(
            process: process,
            time: time,
            stream: stream,
            text: String(decoding: text, as: UTF8.self),
        )
    }
}
