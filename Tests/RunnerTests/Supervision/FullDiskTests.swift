import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Runner

/// A disk for logs that is too small, in a mount namespace of the keeper's own.
@Suite(
    .timeLimit(.minutes(1)),
    .enabled(if: MountNamespace.isAvailable, "needs root, for a small file system"),
)
struct FullDiskTests {
    @Test func `a full disk costs lines, and neither the process nor what comes later`()
        async throws
    {
        let mount = """
            mount -t tmpfs -o size=256k tmpfs "$2/logs" && exec "$1" keeper "$2"
            """
        let keeper = KeeperProcess(
            executable: "/usr/bin/unshare",
            arguments: ["-m", "sh", "-c", mount, "sh", TestToolPath.path.string],
            environment: ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin"],
        )
        try await SupervisionFixture.with(keeper) { fixture in
            let path = fixture.project.appending("go")
            try NamedPipe.make(path)
            // Held open, so that what is written before the process reads stays in the pipe.
            let go = try NamedPipe.openWriting(path)
            defer { try? go.close() }
            let loud = fixture.process(
                "web",
                [
                    "python3", "-u", "-c",
                    """
                    import sys
                    for _ in range(4096): print("x" * 1023)
                    open("written", "w").close()
                    open("go").read(1)
                    print("there is room again")
                    open("go").read(1)
                    sys.exit(3)
                    """,
                ],
            ) { $0.restart.isAutomatic = false }
            _ = try await fixture.supervisor.up(fixture.plan(loud))
            let written = fixture.project.appending("written")
            try await fixture.eventually { try FileStatus.of(written) != nil }
            #expect(try await fixture.process("web").state == .online)
            // The same files as the keeper sees them.
            let root = "/proc/\(try fixture.keeper().pid)/root"
            let log = FilePath(root + fixture.folder.log(of: "web").string)
            let size = try #require(try FileStatus.of(log)?.size)
            #expect(size <= 256 << 10)
            #expect(try AtomicFile.read(log).last == 0x0A)
            try FileSystem.removeFile(log)
            try go.writeAll([1])
            try await fixture.eventually {
                let bytes = (try? AtomicFile.read(log)) ?? []
                let text = String(decoding: bytes, as: UTF8.self)
                return text.contains("lines were lost here")
                    && text.contains("there is room again")
            }
            try go.writeAll([1])
            let ended = try await fixture.eventually("web", is: .errored)
            #expect(ended.lastExit?.cause == .code(3))
        }
    }
}
