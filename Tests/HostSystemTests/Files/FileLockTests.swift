import CLibrary
import SystemPackage
import TestSupport
import Testing

@testable import HostSystem

@Suite(.timeLimit(.minutes(1)))
struct FileLockTests {
    @Test func `only one holder at a time`() async throws {
        try await TemporaryDirectory.with { directory in
            let path = directory.appending("lock")
            let counter = directory.appending("counter")
            try AtomicFile.write("0".utf8, to: counter)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        try FileLock.withLock(at: path) {
                            let text = String(
                                decoding: try AtomicFile.read(counter),
                                as: UTF8.self,
                            )
                            let next = (Int(text) ?? -1000) + 1
                            try AtomicFile.writeInPlace(String(next).utf8, to: counter)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try AtomicFile.read(counter) == Array("50".utf8))
        }
    }

    @Test func `the lock is released when the body throws`() throws {
        struct Failure: Error {}
        try TemporaryDirectory.with { directory in
            let path = directory.appending("lock")
            #expect(throws: Failure.self) {
                try FileLock.withLock(at: path) { throw Failure() }
            }
            let seven = try FileLock.withLock(at: path) { 7 }
            #expect(seven == 7)
        }
    }

    @Test func `the lock file is for its owner alone`() throws {
        try TemporaryDirectory.with { directory in
            let path = directory.appending("lock")
            try FileLock.withLock(at: path) {}
            var status = stat()
            try #require(lstat(path.string, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
        }
    }

    @Test func `a lock file that is removed meanwhile does not let two in`() throws {
        try TemporaryDirectory.with { directory in
            let path = directory.appending("lock")
            try FileLock.withLock(at: path) {
                #expect(unlink(path.string) == 0)
            }
            try FileLock.withLock(at: path) {}
            var status = stat()
            #expect(lstat(path.string, &status) == 0)
        }
    }
}
