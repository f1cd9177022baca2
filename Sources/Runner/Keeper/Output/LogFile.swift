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
        var part = 0
        while lines.count < count, budget > 0 {
            guard var tail = FileTail(self.part(part)) else { break }
            part += 1
            while lines.count < count, let line = tail.previousLine(&budget) {
                guard let parsed = Self.parse(line, process) else { continue }
                if let after, parsed.time <= after { return lines.reversed() }
                lines.append(parsed)
            }
        }
        return lines.reversed()
    }

    /// The file itself, or an older part of it.
    private func part(_ number: Int) -> FilePath {
        number == 0 ? path : FilePath("\(path.string).\(number)")
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
