import HostSystem
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import PortlessCore

@Suite struct RoutesFileTests {
    private func list(_ ports: Int...) -> String {
        let entries = ports.map { #"{"hostname":"a\#($0).localhost","port":\#($0),"pid":0}"# }
        return "[" + entries.joined(separator: ",") + "]"
    }

    /// Waits until changes of the past can't share a time stamp with those to come.
    private func letClockTick() {
        SystemClock.sleep(for: .milliseconds(30))
    }

    @Test func `a missing file has no routes`() throws {
        try TemporaryDirectory.with { folder in
            let file = RoutesFile(directory: StateDirectory(path: folder)) { _ in }
            #expect(file.current().routes.isEmpty)
        }
    }

    @Test func `every change is seen at once, even of equal size and within one tick`() throws {
        try TemporaryDirectory.with { folder in
            let directory = StateDirectory(path: folder)
            let file = RoutesFile(directory: directory) { _ in }
            for port in 4000..<4500 {
                try AtomicFile.writeInPlace(list(port).utf8, to: directory[.routes])
                #expect(file.current().routes.map(\.port?.number) == [port])
            }
        }
    }

    @Test func `a change that leaves no trace in the status is seen within the tick`() throws {
        // On a clock that has stopped; a machine that is too slow for one tick has to try again.
        var isSeen: Bool?
        while isSeen == nil {
            try TemporaryDirectory.with { folder in
                let directory = StateDirectory(path: folder)
                try AtomicFile.writeInPlace(list(4001).utf8, to: directory[.routes])
                let status = try #require(try FileStatus.of(directory[.routes]))
                let file = RoutesFile(
                    directory: directory,
                    lookUp: { _ in status },
                    reportProblem: { _ in },
                )
                _ = file.current()
                let wasInTime =
                    SystemClock.now - status.changed < RoutesFile.clockTick(of: status)
                try AtomicFile.writeInPlace(list(4002).utf8, to: directory[.routes])
                let ports = file.current().routes.map(\.port?.number)
                if wasInTime { isSeen = ports == [4002] }
            }
        }
        #expect(isSeen == true)
    }

    @Test func `unchanged routes are the very same object`() throws {
        try TemporaryDirectory.with { folder in
            let directory = StateDirectory(path: folder)
            try directory.write(list(4001), to: directory[.routes])
            let file = RoutesFile(directory: directory) { _ in }
            let first = file.current()
            #expect(file.current() === first)
            letClockTick()
            #expect(file.current() === first)
            try directory.write(list(4001), to: directory[.routes])
            #expect(file.current() === first)
            try directory.write(list(4002), to: directory[.routes])
            #expect(file.current() !== first)
        }
    }

    @Test func `an old file is read no more than once or twice`() throws {
        try TemporaryDirectory.with { folder in
            let directory = StateDirectory(path: folder)
            try directory.write(
                #"[{"hostname":"a.localhost","port":4001,"pid":1}]"#,
                to: directory[.routes],
            )
            let parses = Mutex(0)
            let file = RoutesFile(
                directory: directory,
                isAlive: { _ in
                    parses.withLock { $0 += 1 }
                    return true
                },
                reportProblem: { _ in },
            )
            for _ in 0..<1000 { _ = file.current() }
            letClockTick()
            for _ in 0..<1000 { _ = file.current() }
            #expect(parses.withLock { $0 } == 1)
        }
    }

    @Test func `what can't be read leaves the routes in force and is told once`() throws {
        try TemporaryDirectory.with { folder in
            let directory = StateDirectory(path: folder)
            try directory.write(list(4001), to: directory[.routes])
            var problems: [String] = []
            let file = RoutesFile(directory: directory) { problems.append($0) }
            let good = file.current()
            try AtomicFile.writeInPlace("[{".utf8, to: directory[.routes])
            for _ in 0..<10 { #expect(file.current() === good) }
            letClockTick()
            for _ in 0..<10 { #expect(file.current() === good) }
            #expect(problems.count == 1)
            #expect(problems.first?.contains(directory[.routes].string) == true)
            try AtomicFile.writeInPlace(list(4001, 4002).utf8, to: directory[.routes])
            #expect(file.current().routes.count == 2)
            try AtomicFile.writeInPlace("[{".utf8, to: directory[.routes])
            _ = file.current()
            #expect(problems.count == 2)
        }
    }

    @Test func `a file that is removed has no routes, and comes back`() throws {
        try TemporaryDirectory.with { folder in
            let directory = StateDirectory(path: folder)
            let file = RoutesFile(directory: directory) { _ in }
            for _ in 0..<3 {
                try directory.write(list(4001), to: directory[.routes])
                #expect(file.current().routes.count == 1)
                try FileSystem.removeFile(directory[.routes])
                #expect(file.current().routes.isEmpty)
            }
        }
    }

    @Test func `routes of ended processes are left out`() throws {
        try TemporaryDirectory.with { folder in
            let directory = StateDirectory(path: folder)
            try directory.write(
                #"[{"hostname":"a.localhost","port":1,"pid":5},{"hostname":"b","port":2,"pid":6}]"#,
                to: directory[.routes],
            )
            let file = RoutesFile(
                directory: directory,
                isAlive: { $0.pid == 6 },
                reportProblem: { _ in },
            )
            #expect(file.current().routes.map(\.hostname.description) == ["b"])
        }
    }

    @Test func `an owner that has ended is forgotten when it is looked at`() throws {
        try TemporaryDirectory.with { folder in
            let directory = StateDirectory(path: folder)
            try directory.write(
                #"[{"hostname":"a.localhost","port":1,"pid":5},{"hostname":"b","port":2,"pid":6}]"#,
                to: directory[.routes],
            )
            let ended = Mutex<Set<Int32>>([])
            let file = RoutesFile(
                directory: directory,
                isAlive: { process in ended.withLock { !$0.contains(process.pid) } },
                reportProblem: { _ in },
            )
            let all = file.current()
            let owner = try #require(all.routes.first?.owner)
            file.forgetIfEnded(owner)
            #expect(file.current() === all)
            ended.withLock { _ = $0.insert(5) }
            #expect(file.current() === all)
            file.forgetIfEnded(owner)
            let rest = file.current()
            #expect(rest.routes.map(\.hostname.description) == ["b"])
            file.forgetIfEnded(owner)
            #expect(file.current() === rest)
        }
    }
}
