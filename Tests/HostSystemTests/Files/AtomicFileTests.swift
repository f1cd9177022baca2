import CLibrary
import SystemPackage
import TestSupport
import Testing

@testable import HostSystem

struct AtomicFileTests {
    @Test func `a file reads back as it was written`() throws {
        try TemporaryDirectory.with { directory in
            let path = directory.appending("routes.json")
            try AtomicFile.write("first".utf8, to: path)
            try AtomicFile.write("[]".utf8, to: path)
            #expect(try AtomicFile.read(path) == Array("[]".utf8))
        }
    }

    @Test(arguments: ["/dev/zero", "/dev/random", "/dev/null"])
    func `a device is not read, whatever leads to it`(device: String) throws {
        try TemporaryDirectory.with { directory in
            let path = directory.appending("package.json")
            try path.link(to: device)
            let error = #expect(throws: SystemError.self) { try AtomicFile.read(path) }
            #expect(error?.path == path)
        }
    }

    @Test func `a pipe is not waited for`() throws {
        try TemporaryDirectory.with { directory in
            let path = directory.appending("Procfile")
            try NamedPipe.make(path)
            #expect(throws: SystemError.self) { try AtomicFile.read(path) }
        }
    }

    @Test func `a file is read up to the limit, and not beyond`() throws {
        try TemporaryDirectory.with { directory in
            let path = directory.appending("file")
            try AtomicFile.write([UInt8](repeating: 1, count: 50_000), to: path)
            #expect(try AtomicFile.read(path, limit: 50_000).count == 50_000)
            let error = #expect(throws: SystemError.self) {
                try AtomicFile.read(path, limit: 49_999)
            }
            #expect(error?.errno == .fileTooLarge)
        }
    }

    @Test(arguments: [-11_000_000_000, -1, 9_223_372_036, 13_569_465_600, 253_370_764_800])
    func `dates that nanoseconds can't tell are the nearest that they can`(seconds: Int) throws {
        try TemporaryDirectory.with { directory in
            let path = directory.appending("file")
            try AtomicFile.write([1], to: path)
            try path.setModified(seconds: seconds)
            let status = try #require(try FileStatus.of(path))
            #expect((status.modified < 0) == (seconds < 0))
        }
    }

    @Test func `the mode is exact whatever the umask`() throws {
        try TemporaryDirectory.with { directory in
            let path = directory.appending("shared")
            try AtomicFile.write([1], to: path, mode: [.ownerReadWrite, .groupWrite, .otherWrite])
            #expect(try status(of: path).st_mode & 0o777 == 0o622)
        }
    }

    @Test func `replacing changes the inode and leaves no temporary file`() throws {
        try TemporaryDirectory.with { directory in
            let path = directory.appending("file")
            try AtomicFile.write([1], to: path)
            let before = try status(of: path).st_ino
            let opened = try OpenFile(path, O_RDONLY)
            try AtomicFile.write([2], to: path)
            #expect(try status(of: path).st_ino != before)
            #expect(try opened.readAll() == [1])
            #expect(try status(of: directory).st_nlink == 2)
            #expect(try AtomicFile.read(path) == [2])
        }
    }

    @Test func `writing in place keeps the inode and shortens the file`() throws {
        try TemporaryDirectory.with { directory in
            let path = directory.appending("file")
            try AtomicFile.writeInPlace("a long content".utf8, to: path)
            let before = try status(of: path).st_ino
            try AtomicFile.writeInPlace("short".utf8, to: path)
            #expect(try status(of: path).st_ino == before)
            #expect(try AtomicFile.read(path) == Array("short".utf8))
        }
    }

    @Test func `writing in place does not follow a symbolic link`() throws {
        try TemporaryDirectory.with { directory in
            let target = directory.appending("target")
            let link = directory.appending("link")
            try AtomicFile.write("precious".utf8, to: target)
            #expect(symlink(target.string, link.string) == 0)
            #expect(throws: SystemError.self) { try AtomicFile.writeInPlace([1], to: link) }
            #expect(try AtomicFile.read(target) == Array("precious".utf8))
        }
    }

    @Test func `a missing file is an error that names it`() {
        let path = FilePath("/nonexistent/file")
        let error = #expect(throws: SystemError.self) { try AtomicFile.read(path) }
        #expect(error?.errno == .noSuchFileOrDirectory)
        #expect(error?.description == "can't open /nonexistent/file: No such file or directory")
    }

    @Test func `a failed write leaves the old file as it was`() throws {
        try TemporaryDirectory.with { directory in
            let path = directory.appending("folder")
            try AtomicFile.write([1], to: directory.appending("other"))
            #expect(mkdir(path.string, 0o755) == 0)
            #expect(throws: SystemError.self) { try AtomicFile.write([2], to: path) }
            #expect(try status(of: path).st_mode & S_IFMT == S_IFDIR)
            #expect(try status(of: directory).st_nlink == 3)
        }
    }

    @Test(.enabled(if: getuid() == 0, "giving files away needs root"))
    func `a file that root writes belongs to the owner asked for`() throws {
        try TemporaryDirectory.with { directory in
            let path = directory.appending("file")
            try AtomicFile.write([1], to: path, owner: FileOwner(uid: 1234, gid: 2345))
            #expect(try status(of: path).st_uid == 1234)
            #expect(try status(of: path).st_gid == 2345)
        }
    }

    private func status(of path: FilePath) throws -> stat {
        var status = stat()
        try #require(lstat(path.string, &status) == 0)
        return status
    }
}

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

    @Test func `what may still be written, and what another user owns, stays`() throws {
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
