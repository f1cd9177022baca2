import SystemPackage
import TestSupport
import Testing

@testable import HostSystem

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
