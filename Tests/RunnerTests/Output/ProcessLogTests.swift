import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Runner

@Suite struct ProcessLogTests {
    @Test func `after a jump of the clock the time is right again, and the cursor goes on`()
        throws
    {
        try TemporaryDirectory.with { folder in
            try folder.write("web.log", "9999-12-31T23:59:59.999999Z out far\n")
            let path = folder.appending("web.log")
            let file = LogFile(path: path, process: "web")
            let cursor = LogCursor()
            cursor.advance(past: try #require(file.lastCursor))
            let plan = PlannedProcess(
                name: "web",
                command: ["x"],
                directory: folder,
                environment: [:],
            )
            let limits = SupervisionPlan(
                app: try AppName(parsing: "shop"),
                directory: folder,
                processes: [plan],
            )
            var log = ProcessLog(path, plan: plan, limits: limits, cursor: cursor)
            let now = Timestamp.now.microseconds
            for text in ["one", "two"] {
                _ = Array(text.utf8).withUnsafeBytes { log.append(.output, $0) }
            }
            log.flush()
            let lines = Array(LogExcerpt(of: [file], last: 10))
            #expect(lines.map(\.text) == ["far", "one", "two"])
            #expect(lines.map(\.cursor) == lines.map(\.cursor).sorted())
            #expect(lines.dropFirst().allSatisfy { abs($0.time.microseconds - now) < 60_000_000 })
        }
    }

    @Test func `stamps before 1970 are written as they are read`() {
        var cache = StampCache()
        for time in [-1, -1_000_000, -62_167_219_200_000_000, 0, 253_402_300_799_999_999]
            as [Int64]
        {
            var bytes: [UInt8] = []
            cache.append(time, to: &bytes)
            #expect(Timestamp(parsing: bytes)?.microseconds == time)
        }
    }

    @Test func `a message of several hundred kilobytes arrives as one`() throws {
        var lines = LineSplitter(longest: 1 << 20)
        var found: [Int] = []
        let piece = [UInt8](repeating: 0x78, count: 100_000)
        for _ in 0..<5 {
            piece.withUnsafeBytes { lines.append($0) { found.append($0.count) } }
        }
        [0x0A].withUnsafeBytes { lines.append($0) { found.append($0.count) } }
        #expect(found == [500_000])
    }
}
