import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Runner

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

@Suite(.timeLimit(.minutes(1))) struct LogExcerptTests {
    private func line(_ second: Int, _ text: String) -> String {
        "2026-11-21T07:23:\(second < 10 ? "0" : "")\(second).000000Z out \(text)\n"
    }

    private func excerpt(
        _ folder: FilePath,
        _ processes: [String] = ["web"],
        last count: Int = 100,
        after: Int64? = nil,
    ) -> LogExcerpt {
        let files = processes.map {
            LogFile(path: folder.appending("\($0).log"), process: $0)
        }
        return LogExcerpt(of: files, last: count) { _ in after }
    }

    @Test func `the last lines of several processes, over older parts of their logs`() throws {
        try TemporaryDirectory.with { folder in
            try folder.write("web.log.1", line(1, "a") + line(3, "c"))
            try folder.write("web.log", line(5, "e") + "not a line\n" + line(6, "f") + "half")
            try folder.write("api.log", line(2, "b") + line(4, "d"))
            let all = excerpt(folder, ["web", "api", "gone"])
            #expect(all.map(\.text) == ["a", "b", "c", "d", "e", "f"])
            #expect(all.isComplete)
            let three = excerpt(folder, ["web", "api"], last: 3)
            #expect(three.map(\.text) == ["d", "e", "f"])
            #expect(!three.isComplete)
            let start = try #require(Array(all).dropFirst(3).first?.cursor)
            let rest = excerpt(folder, ["web", "api"], after: start)
            #expect(rest.map(\.text) == ["e", "f"])
            #expect(rest.isComplete)
        }
    }

    @Test func `a cursor of its own counts, and the time stays what it is`() throws {
        try TemporaryDirectory.with { folder in
            try folder.write(
                "web.log",
                "9999-12-31T23:59:59.999999Z out far\n"
                    + "2026-11-21T07:23:10.000000Z err@253402300800000000 now\n",
            )
            let lines = Array(excerpt(folder))
            #expect(lines.map(\.text) == ["far", "now"])
            #expect(lines.last?.cursor == 253_402_300_800_000_000)
            #expect(lines.last?.time.microseconds == 1_795_245_790_000_000)
        }
    }

    @Test(arguments: [
        "0000-01-01T00:00:00.000000Z out x\n", "9999-12-31T99:99:99.999999Z out x\n",
        "2262-04-12T00:00:00.000000Z out x\n",
        "2026-11-21T07:23:10.000000Z out@9223372036854775807 x\n",
        "2026-11-21T07:23:10.000000Z out@-9223372036854775808 x\n",
        "2026-11-21T07:23:10.000000Z out@ x\n", "2026-11-21T07:23:10.000000Z @ x\n",
        "2026-99-99T07:23:10.000000Z out x\n",
    ])
    func `a log goes on after any stamp`(text: String) throws {
        try TemporaryDirectory.with { folder in
            try folder.write("web.log", text)
            let cursor = LogCursor()
            let file = LogFile(path: folder.appending("web.log"), process: "web")
            if let last = file.lastCursor { cursor.advance(past: last) }
            let first = cursor.next()
            #expect(cursor.next().cursor > first.cursor)
            #expect(first.cursor > file.lastCursor ?? .min)
            // Within the second that fast output may take it ahead of the clock.
            #expect(abs(first.time - Timestamp.now.microseconds) < 60_000_000)
        }
    }

    @Test func `lines that come faster than the clock counts have times of their own`() {
        let cursor = LogCursor()
        let places = (0..<5).map { _ in cursor.next(now: 1000) }
        #expect(places.map(\.cursor) == [1000, 1001, 1002, 1003, 1004])
        #expect(places.map(\.time) == places.map(\.cursor))
        let later = cursor.next(now: -5_000_000)
        #expect(later.cursor == 1005)
        #expect(later.time == -5_000_000)
    }

    @Test func `a file of many gigabytes without a line has an answer at once`() throws {
        try TemporaryDirectory.with { folder in
            let path = folder.appending("web.log")
            try folder.write("web.log", line(1, "first"))
            let file = try FileDescriptor.open(path, .writeOnly)
            try file.resize(to: 8 << 30)
            try file.close()
            let started = ContinuousClock.now
            #expect(excerpt(folder).count == 0)
            #expect(started.duration(to: .now) < .seconds(20))
            let lines = excerpt(folder, last: 1)
            #expect(!lines.isComplete)
        }
    }

    @Test func `of a line without bounds only its beginning is read`() throws {
        try TemporaryDirectory.with { folder in
            let long = String(repeating: "x", count: 3 << 20)
            try folder.write("web.log", line(1, long) + line(2, "b"))
            let lines = Array(excerpt(folder))
            #expect(lines.count == 2)
            #expect(lines.first?.text.utf8.count ?? 0 < 70_000)
            #expect(lines.first?.text.hasSuffix("…") == true)
        }
    }

    @Test func `an answer is bounded in bytes`() throws {
        try TemporaryDirectory.with { folder in
            let text = (0..<400).map { line($0 / 10, String(repeating: "y", count: 50_000)) }
            try folder.write("web.log", text.joined())
            let lines = excerpt(folder, last: 10_000)
            #expect(lines.count < 200)
            #expect(!lines.isComplete)
        }
    }

    @Test func `what is no regular file holds up nothing`() throws {
        try TemporaryDirectory.with { folder in
            try NamedPipe.make(folder.appending("web.log"))
            #expect(excerpt(folder).count == 0)
            #expect(symlink("/dev/zero", folder.appending("api.log").string) == 0)
            #expect(excerpt(folder, ["api"]).count == 0)
        }
    }

    @Test func `lines are found in a part that was rotated meanwhile`() throws {
        try TemporaryDirectory.with { folder in
            try folder.write("web.log", line(1, "a") + line(2, "b"))
            let lines = excerpt(folder)
            let path = folder.appending("web.log")
            try FileSystem.move(path, to: folder.appending("web.log.1"))
            try folder.write("web.log", line(3, "c"))
            #expect(lines.map(\.text) == ["a", "b"])
            try FileSystem.removeFile(folder.appending("web.log.1"))
            #expect(lines.map(\.text) == ["a", "b"])
        }
    }

    @Test func `the keeper's notes come along, and don't count`() throws {
        try TemporaryDirectory.with { folder in
            let note = line(2, "restarted").replacing(" out ", with: " note ")
            try folder.write("web.log", line(1, "a") + note + line(3, "b") + note)
            #expect(excerpt(folder, last: 1).map(\.text) == ["b", "restarted"])
            #expect(excerpt(folder, last: 2).map(\.text) == ["a", "restarted", "b", "restarted"])
            #expect(excerpt(folder, last: 0).map(\.text) == [])
        }
    }

    @Test func `notes without a line of the process between them have an end`() throws {
        try TemporaryDirectory.with { folder in
            let note = "2026-11-21T07:23:02.000000Z note restarted\n"
            try folder.write("web.log", line(1, "a") + String(repeating: note, count: 99))
            #expect(excerpt(folder, last: 1).map(\.text).first == "a")
            try folder.write("web.log", line(1, "a") + String(repeating: note, count: 5000))
            #expect(excerpt(folder, last: 1).count == 100)
            #expect(excerpt(folder, last: 10_000).map(\.text).first == "a")
        }
    }

    private func whole(
        _ folder: FilePath,
        last count: Int = .max,
        since: Timestamp? = nil,
    ) -> LogExcerpt {
        let file = LogFile(path: folder.appending("web.log"), process: "web")
        return LogExcerpt(of: [file], last: count, since: since, isBounded: false)
    }

    @Test func `of more lines than an answer holds any number is read, over all parts`() throws {
        try TemporaryDirectory.with { folder in
            let text = String(repeating: "y", count: 30_000)
            for part in 0..<4 {
                let lines = (0..<120).map { line(part * 2 + $0 / 100, "\(part).\($0) \(text)") }
                try folder.write(part == 3 ? "web.log" : "web.log.\(3 - part)", lines.joined())
            }
            #expect(excerpt(folder, last: 10_000).count < 480)
            #expect(whole(folder).count == 480)
            let all = whole(folder).map { $0.text.prefix { $0 != " " } }
            #expect(all == (0..<480).map { "\($0 / 120).\($0 % 120)"[...] })
            #expect(whole(folder, last: 300).reduce(0) { sum, _ in sum + 1 } == 300)
        }
    }

    @Test func `lines before a time are left out, whatever their cursors`() throws {
        try TemporaryDirectory.with { folder in
            // The clock was set back after the second line.
            let back = "2026-11-21T07:23:02.000000Z out@1795245792000001 c\n"
            try folder.write("web.log", line(4, "a") + line(12, "b") + back + line(13, "d"))
            let since = try #require(Timestamp(parsing: "2026-11-21T07:23:05.000000Z".utf8))
            #expect(whole(folder, since: since).map(\.text) == ["b", "d"])
            #expect(whole(folder, last: 1, since: since).map(\.text) == ["d"])
        }
    }

    @Test func `an unbounded excerpt of a file without lines, or of one endless line, ends`() throws
    {
        try TemporaryDirectory.with { folder in
            try folder.write("web.log", line(1, "first"))
            let file = try FileDescriptor.open(folder.appending("web.log"), .readWrite)
            try file.resize(to: 8 << 30)
            let started = ContinuousClock.now
            #expect(whole(folder).count == 0)
            try file.resize(to: 0)
            _ = try file.writeAll(
                toAbsoluteOffset: 0,
                Array("2026-11-21T07:23:01.000000Z out ".utf8),
            )
            _ = try file.writeAll(toAbsoluteOffset: 1 << 30, Array("end\n\(line(2, "b"))".utf8))
            try file.close()
            #expect(whole(folder).map(\.text) == ["b"])
            #expect(started.duration(to: .now) < .seconds(20))
        }
    }

    @Test func `any bytes of a log are read, and end`() throws {
        let words = [
            "\n", " ", "@", "Z out ", "Z err@12 ", "9999-12-31T23:59:59.999999Z note x\n", "\0",
            "0000-01-01T00:00:00.000000Z out@-1 y\n", "@9223372036854775807 ",
        ].map { Array($0.utf8) }
        let seeds = [
            line(1, "a") + line(2, "b") + line(3, "c"),
            "2026-11-21T07:23:10.000000Z err@253402300800000000 now\n" + line(1, "z"),
        ].map { Array($0.utf8) }
        try TemporaryDirectory.with { folder in
            let path = folder.appending("web.log")
            for var round in Fuzzing.rounds(default: 300) {
                try AtomicFile.writeInPlace(
                    round.input(from: seeds, inserting: words),
                    to: path,
                )
                let lines = Array(excerpt(folder))
                let cursor = LogCursor()
                for line in lines { cursor.advance(past: line.cursor) }
                let place = cursor.next()
                _ = Timestamp(microseconds: place.time).preciseText
                let isLater = lines.allSatisfy { $0.cursor < place.cursor }
                #expect(isLater, "\(round)")
            }
        }
    }
}
