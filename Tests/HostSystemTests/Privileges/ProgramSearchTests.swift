import SystemPackage
import TestSupport
import Testing

@testable import HostSystem

struct ProgramSearchTests {
    @Test func `the first program in the path wins`() throws {
        try TemporaryDirectory.with { directory in
            let program = directory.appending("sh")
            try AtomicFile.write([], to: program, mode: [.ownerReadWriteExecute])
            #expect(ProgramSearch.find("sh", path: "\(directory):/bin") == program)
            #expect(ProgramSearch.find("sh", path: "/nonexistent:/bin:\(directory)") == "/bin/sh")
        }
    }

    @Test func `neither a folder nor a plain file is a program`() throws {
        try TemporaryDirectory.with { directory in
            try AtomicFile.write([], to: directory.appending("plain"))
            #expect(ProgramSearch.find("plain", path: directory.string) == nil)
            #expect(ProgramSearch.find("lib", path: "/usr") == nil)
            #expect(ProgramSearch.find(directory.string, path: nil) == nil)
            #expect(ProgramSearch.find("", path: directory.string) == nil)
        }
    }

    @Test func `a name with a slash is taken as it is`() {
        #expect(ProgramSearch.find("/bin/sh", path: nil) == "/bin/sh")
        #expect(ProgramSearch.find("/bin/nonexistent", path: "/bin") == nil)
    }
}

@Suite struct ProgramSafetyTests {
    private let user: UInt32 = 1000

    private func isSafe(owner: UInt32, mode: CInterop.Mode, isDirectory: Bool = false) -> Bool {
        let entry = ProgramSafety.Entry(
            owner: owner,
            permissions: FilePermissions(rawValue: mode),
            isDirectory: isDirectory,
        )
        return ProgramSafety.isSafe(entry, for: user)
    }

    @Test func `what root or the user owns is safe, with their group as well`() {
        #expect(isSafe(owner: 0, mode: 0o755))
        #expect(isSafe(owner: user, mode: 0o755))
        #expect(isSafe(owner: user, mode: 0o775, isDirectory: true))
    }

    @Test func `what another user owns is not`() {
        #expect(!isSafe(owner: 1001, mode: 0o755))
        #expect(!isSafe(owner: 1001, mode: 0o755, isDirectory: true))
    }

    @Test func `what every user can write is not, but for folders like tmp`() {
        #expect(!isSafe(owner: user, mode: 0o757))
        #expect(!isSafe(owner: user, mode: 0o777, isDirectory: true))
        #expect(isSafe(owner: 0, mode: 0o1777, isDirectory: true))
        #expect(!isSafe(owner: 0, mode: 0o1777))
    }

    @Test func `a program that isn't there is not safe`() {
        #expect(!ProgramSafety.isSafe("/no/such/program", for: user))
        #expect(ProgramSafety.isSafe("/bin/sh", for: user))
    }
}

@Suite struct RootProgramTests {
    private func script(_ name: String, in folder: FilePath, owner: UInt32) throws {
        let path = folder.appending(name)
        try AtomicFile.write("#!/bin/sh\n".utf8, to: path, mode: FilePermissions(rawValue: 0o755))
        if UserAccount.effectiveID == 0 {
            try FileSystem.setOwner(FileOwner(uid: owner, gid: owner), of: path)
        }
    }

    @Test func `a tool of the system is found by its absolute path, whatever the path says`() {
        #expect(RootProgram.find("rm", path: nil)?.isAbsolute == true)
        #expect(RootProgram.find("rm", path: "/no/such:relative")?.isAbsolute == true)
        #expect(RootProgram.find("/bin/rm", path: nil) == "/bin/rm")
        #expect(RootProgram.find("./rm", path: "/usr/bin") == nil)
        #expect(RootProgram.find("no-such-tool", path: "/usr/bin") == nil)
    }

    @Test func `a program that a user can replace is not root's`() throws {
        try TemporaryDirectory.with { folder in
            try script("rm", in: folder, owner: 4242)
            let found = RootProgram.find("rm", path: "\(folder):/usr/bin")
            #expect(found != folder.appending("rm"))
            #expect(found != nil)
            #expect(RootProgram.find(folder.appending("rm").string, path: nil) == nil)
        }
    }

    @Test(.enabled(if: UserAccount.effectiveID == 0, "only root makes files of root's"))
    func `in a folder that a user owns nothing is root's`() throws {
        try TemporaryDirectory.with { folder in
            try script("mine", in: folder, owner: 0)
            #expect(RootProgram.find("mine", path: folder.string) == folder.appending("mine"))
            try FileSystem.setOwner(FileOwner(uid: 4242, gid: 4242), of: folder)
            #expect(RootProgram.find("mine", path: folder.string) == nil)
            #expect(!RootProgram.folders(folder.string).contains(folder.string))
        }
    }

    @Test func `a sudo that isn't set-user-ID is none`() throws {
        try TemporaryDirectory.with { folder in
            try script("sudo", in: folder, owner: 0)
            #expect(RootProgram.sudo(path: folder.string) != folder.appending("sudo"))
        }
    }
}
