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

    @Test(arguments: [(0, 1, []), (1, 0, []), (1, 1, [1, 0])] as [(UInt32, UInt32, [UInt32])])
    func `root's own numbers are refused`(uid: UInt32, gid: UInt32, groups: [UInt32]) {
        #expect(throws: SystemError.self) {
            try Privileges.drop(uid: uid, gid: gid, groups: groups)
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
