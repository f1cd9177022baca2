import CLibrary
import Dispatch
import HostSystem
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import PortlessCore

@Suite(.timeLimit(.minutes(5))) struct RoutesLockTests {
    /// Blocks all of `count` threads in `body`, which a task group's few threads couldn't.
    private func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
        let group = DispatchGroup()
        let failures = Mutex<[any Error]>([])
        for index in 0..<count {
            DispatchQueue(label: "\(index)").async(group: group) {
                do { try body(index) } catch { failures.withLock { $0.append(error) } }
            }
        }
        group.wait()
        if let first = failures.withLock({ $0.first }) { throw first }
    }

    private func hostname(_ index: Int) throws -> Hostname {
        try #require(Hostname("app\(index).localhost"))
    }

    @Test func `two hundred contenders are all served, on ports of their own`() throws {
        try TemporaryDirectory.with { folder in
            let store = RoutesStore(directory: StateDirectory(path: folder))
            try onThreads(200) { index in
                _ = try store.registerOnEphemeralPort(
                    [hostname(index)],
                    owner: .process(.current),
                    isFree: { _ in true },
                )
            }
            let entries = try store.list()
            #expect(Set(entries.map(\.hostname)).count == 200)
            #expect(Set(entries.map(\.port)).count == 200)
            #expect(try FileStatus.of(store.directory[.routesLock]) == nil)
        }
    }

    @Test func `writers in place under the original's lock lose nothing and break nothing`() throws
    {
        try TemporaryDirectory.with { folder in
            let directory = StateDirectory(path: folder)
            let store = RoutesStore(directory: directory)
            let original = OriginalWriter(directory: directory)
            try original.write("[]", byHalves: false)
            try onThreads(40) { index in
                if index.isMultiple(of: 2) {
                    _ = try store.register([hostname(index)], owner: .alias) { _ in 4001 }
                } else {
                    try original.add(hostname(index))
                }
            }
            #expect(Set(try store.list().map(\.hostname)).count == 40)
        }
    }

    @Test func `a half-written file is waited for`() throws {
        try TemporaryDirectory.with { folder in
            let directory = StateDirectory(path: folder)
            let store = RoutesStore(directory: directory)
            let content = #"[{"hostname":"a.localhost","port":4001,"pid":0}]"#
            try directory.write(String(content.prefix(20)), to: directory[.routes])
            try onThreads(2) { index in
                if index == 0 {
                    #expect(try store.list().map(\.hostname) == ["a.localhost"])
                } else {
                    SystemClock.sleep(for: .milliseconds(60))
                    try AtomicFile.writeInPlace(content.utf8, to: directory[.routes])
                }
            }
        }
    }

    @Test func `an abandoned lock is waited out and removed`() throws {
        try TemporaryDirectory.with { folder in
            let directory = StateDirectory(path: folder)
            _ = try FileSystem.makeDirectory(directory[.routesLock], mode: .ownerReadWriteExecute)
            var lock = RoutesLock(directory: directory)
            lock.timing.staleness = .milliseconds(200)
            lock.timing.patience = .milliseconds(400)
            let start = ContinuousClock.now
            try lock.withLock { hold in
                #expect(hold.isIntact)
                #expect(ContinuousClock.now - start > .milliseconds(150))
            }
            #expect(try FileStatus.of(directory[.routesLock]) == nil)
        }
    }

    @Test(arguments: [-11_676_096_000, 13_569_465_600, 253_402_300_799])
    func `a lock of the year 1600, 2400 or 9999 is removed`(seconds: Int) throws {
        try TemporaryDirectory.with { folder in
            let directory = StateDirectory(path: folder)
            _ = try FileSystem.makeDirectory(directory[.routesLock], mode: .ownerReadWriteExecute)
            try setTime(of: directory[.routesLock], seconds)
            var lock = RoutesLock(directory: directory)
            lock.timing.staleness = .milliseconds(200)
            lock.timing.patience = .milliseconds(400)
            try lock.withLock { hold in #expect(hold.isIntact) }
            #expect(try FileStatus.of(directory[.routesLock]) == nil)
        }
    }

    @Test func `a lock of the future whose holder works is waited for`() throws {
        try TemporaryDirectory.with { folder in
            let directory = StateDirectory(path: folder)
            _ = try FileSystem.makeDirectory(directory[.routesLock], mode: .ownerReadWriteExecute)
            try setTime(of: directory[.routesLock], 13_569_465_600)
            try onThreads(2) { index in
                guard index == 0 else {
                    return try RoutesLock(directory: directory).withLock { _ in
                        #expect(DirectoryListing.names(folder).contains("released"))
                    }
                }
                SystemClock.sleep(for: .milliseconds(60))
                try AtomicFile.writeInPlace([], to: folder.appending("released"))
                try FileSystem.removeDirectory(directory[.routesLock])
            }
        }
    }

    @Test func `what a process left that was killed while it removed a lock goes, too`() throws {
        try TemporaryDirectory.with { folder in
            let directory = StateDirectory(path: folder)
            for path in [directory[.routesLock], folder.appending("routes.lock.abc")] {
                _ = try FileSystem.makeDirectory(path, mode: .ownerReadWriteExecute)
            }
            try setTime(of: directory[.routesLock], 0)
            try RoutesLock(directory: directory).withLock { _ in }
            #expect(DirectoryListing.names(folder) == ["routes.queue"])
        }
    }

    private func setTime(of path: FilePath, _ seconds: Int) throws {
        let time = timespec(tv_sec: seconds, tv_nsec: 0)
        try #require(utimensat(AT_FDCWD, path.string, [time, time], 0) == 0)
        #expect(try FileStatus.of(path) != nil)
    }

    @Test func `a lock that stays young is an error that names it`() throws {
        try TemporaryDirectory.with { folder in
            let directory = StateDirectory(path: folder)
            _ = try FileSystem.makeDirectory(directory[.routesLock], mode: .ownerReadWriteExecute)
            var lock = RoutesLock(directory: directory)
            lock.timing.patience = .milliseconds(100)
            let error = #expect(throws: RoutesError.self) { try lock.withLock { _ in } }
            #expect(error?.description.contains("Failed to acquire route lock") == true)
            #expect(error?.description.contains(directory[.routesLock].string) == true)
            #expect(try FileStatus.of(directory[.routesLock]) != nil)
        }
    }

    @Test func `who lost the lock notices, and leaves the thief's alone`() throws {
        try TemporaryDirectory.with { folder in
            let directory = StateDirectory(path: folder)
            let path = directory[.routesLock]
            try RoutesLock(directory: directory).withLock { hold in
                try FileSystem.removeDirectory(path)
                #expect(!hold.isIntact)
                _ = try FileSystem.makeDirectory(path, mode: .ownerReadWriteExecute)
                #expect(!hold.isIntact)
            }
            #expect(try FileStatus.of(path) != nil)
        }
    }

    @Test func `a change whose lock was stolen is made again on what the thief wrote`() throws {
        try TemporaryDirectory.with { folder in
            let directory = StateDirectory(path: folder)
            let store = RoutesStore(directory: directory)
            let original = OriginalWriter(directory: directory)
            try original.write("[]", byHalves: false)
            var rounds = 0
            _ = try store.register([hostname(1)], owner: .alias) { _ in
                rounds += 1
                if rounds == 1 {
                    // As if we had been suspended for longer than the lock lives.
                    try FileSystem.removeDirectory(directory[.routesLock])
                    try original.add(hostname(2))
                }
                return 4001
            }
            #expect(rounds == 2)
            #expect(Set(try store.list().map(\.hostname)).count == 2)
        }
    }
}
