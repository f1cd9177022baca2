import CLibrary
import SystemPackage
import TestSupport
import Testing

@testable import HostSystem

@Suite(.timeLimit(.minutes(1)))
struct PrivilegesTests {
    @Test(.enabled(if: getuid() == 0, "only root has rights to drop"))
    func `nothing leads back to root`() throws {
        let output = try Captured.output(of: tool(["drop", "4242", "4343", "4343", "4444"]))
        let expected = """
            uid 4242 4242 gid 4343 4343
            groups [4343, 4444]
            regained false
            shadow false
            """
        #expect(output == expected)
    }

    @Test(.enabled(if: getuid() == 0, "only root has rights to drop"))
    func `a user of this machine is taken with its groups`() throws {
        // There everywhere, and with no rights of note.
        let user = try #require(User.lookUp(uid: 1))
        let lines = try Captured.output(of: tool(["drop", "1"])).split(separator: "\n")
        #expect(lines.first == "uid 1 1 gid \(user.gid) \(user.gid)")
        #expect(lines.dropFirst(2) == ["regained false", "shadow false"])
    }

    @Test(.enabled(if: getuid() == 0, "only root handles files as others"))
    func `files are a user's, and the rest stays root's`() throws {
        try TemporaryDirectory.with { folder in
            let secret = folder.appending("secret")
            try AtomicFile.write("root's\n".utf8, to: secret, mode: .ownerReadWrite)
            try #require(symlink(secret.string, folder.appending("link").string) == 0)
            try FileSystem.setOwner(FileOwner(uid: 4242, gid: 4343), of: folder)
            let output = try Captured.output(of: tool(["files", folder.string]))
            let expected = """
                ids 0 0 root's files false
                reads false false
                reads as root true then false
                thread reads false
                writes through false
                0
                root's
                """
            #expect(output == expected)
            let own = try FileStatus.of(folder.appending("own"))
            #expect(own?.owner == FileOwner(uid: 4242, gid: 4343))
            #expect(try AtomicFile.read(secret) == Array("root's\n".utf8))
        }
    }

    @Test func `without sudo there is nothing to lend`() {
        #expect(Privileges.areFilesRoots == (getuid() == 0))
        #expect(Privileges.asRoot { Privileges.areFilesRoots } == (getuid() == 0))
    }

    @Test(arguments: [(0, 1, []), (1, 0, []), (1, 1, [1, 0])] as [(UInt32, UInt32, [UInt32])])
    func `root's own numbers are refused`(uid: UInt32, gid: UInt32, groups: [UInt32]) {
        #expect(throws: SystemError.self) {
            try Privileges.drop(uid: uid, gid: gid, groups: groups)
        }
        guard uid == 0 || gid == 0 else { return }
        #expect(throws: SystemError.self) {
            try Privileges.handleFiles(asUser: uid, gid: gid, groups: [])
        }
    }

    @Test func `a command that replaces the process is told of the sockets`() throws {
        let script = "echo $LISTEN_FDS $((LISTEN_PID - $$)); ls /dev/fd/ | wc -l"
        let lines = try Captured.output(of: tool(["activate", "/bin/sh", "-c", script]))
            .split(separator: "\n").map { $0.filter { $0 != " " } }
        let count = try #require(lines.first?.first?.wholeNumberValue)
        #expect((1...2).contains(count))
        #expect(lines == ["\(count)0", "\(count + 4)"])
    }

    @Test func `the running user is found with its groups`() throws {
        let user = try #require(User.lookUp(uid: getuid()))
        #expect(user.gid == getgid())
        #expect(user.groups.contains(user.gid))
        #expect(User.lookUp(uid: 4_000_000_000) == nil)
    }

    private func tool(_ arguments: [String]) -> Spawn {
        Spawn(
            executable: TestToolPath.path,
            arguments: arguments,
            environment: ["PATH": "/usr/bin:/bin"],
        )
    }
}
