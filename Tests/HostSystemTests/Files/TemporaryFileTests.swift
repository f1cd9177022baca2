import SystemPackage
import TestSupport
import Testing

@testable import HostSystem

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

@Suite struct TemporaryFileTests {
    private func leave(_ name: String, in folder: FilePath, age: Int) throws {
        let path = folder.appending(name)
        try AtomicFile.writeInPlace("half".utf8, to: path)
        let time = timespec(tv_sec: Int(Timestamp.now.seconds) - age, tv_nsec: 0)
        try #require(utimensat(AT_FDCWD, path.string, [time, time], AT_SYMLINK_NOFOLLOW) == 0)
    }

    @Test func `what a killed process left is removed by the next that writes the file`() throws {
        try TemporaryDirectory.with { folder in
            // No process has the highest PID that the type can hold.
            try leave(".ports.json.\(Int32.max)-abc.tmp", in: folder, age: 3600)
            try leave(".ports.json.3w5e11264sgsf.tmp", in: folder, age: 3600)
            try leave(".ports.json.\(Int32.max)-ahead.tmp", in: folder, age: -86_400 * 365 * 300)
            try AtomicFile.write("{}".utf8, to: folder.appending("ports.json"))
            #expect(DirectoryListing.names(folder) == ["ports.json"])
        }
    }

    @Test func `what may still be written, and what is somebody else's, stays`() throws {
        try TemporaryDirectory.with { folder in
            let others = [
                ".ports.json.\(Int32.max)-young.tmp", ".ports.json.\(getpid())-alive.tmp",
                ".apps.json.\(Int32.max)-abc.tmp", ".ports.json.tmp", ".ports.json..tmp",
                ".ports.json.Their File.tmp", ".ports.json.1-2-3.tmp", "ports.json.1-a.tmp",
            ]
            for name in others {
                try leave(name, in: folder, age: name.contains("young") ? 0 : 3600)
            }
            _ = try FileSystem.makeDirectory(
                folder.appending(".ports.json.\(Int32.max)-dir.tmp"),
                mode: .ownerReadWriteExecute,
            )
            try AtomicFile.write("{}".utf8, to: folder.appending("ports.json"))
            #expect(DirectoryListing.names(folder).count == others.count + 2)
        }
    }

    @Test func `a process knows its own by its PID`() {
        let path = TemporaryFile.path(beside: "/state/ports.json")
        #expect(path.string.hasPrefix("/state/.ports.json.\(getpid())-"))
        #expect(path.string.hasSuffix(".tmp"))
        #expect(path != TemporaryFile.path(beside: "/state/ports.json"))
    }
}
