import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Machine

@Suite struct HostsFileTests {
    private let names: [Hostname]

    init() throws {
        names = [try name("web.localhost")]
    }

    private func hosts(_ path: FilePath) -> HostsFile {
        HostsFile(path: path, block: HostsBlock(directory: "/state", isUsual: false))
    }

    @Test func `installing, asking and uninstalling agree`() throws {
        try TemporaryDirectory.with { directory in
            let path = directory.appending("hosts")
            let system = Array("127.0.0.1 localhost\n".utf8)
            try AtomicFile.write(system, to: path)
            let hosts = hosts(path)
            let block = HostsBlock(directory: "/state", isUsual: false)
            func present() throws -> Set<Hostname>? {
                block.names(in: String(decoding: try AtomicFile.read(path), as: UTF8.self))
            }
            #expect(try present() == nil)
            try hosts.install(names)
            #expect(try present() == Set(names))
            let other = try name("x.test")
            try hosts.install([other])
            #expect(try present() == [other])
            try hosts.uninstall()
            try hosts.uninstall()
            #expect(try AtomicFile.read(path) == system)
        }
    }

    @Test func `the file keeps its inode, mode and link`() throws {
        try TemporaryDirectory.with { directory in
            let path = directory.appending("hosts")
            let mode = FilePermissions(rawValue: 0o640)
            try AtomicFile.write("127.0.0.1 localhost\n".utf8, to: path, mode: mode)
            let before = try #require(try FileStatus.of(path))
            let link = directory.appending("link")
            #expect(SystemCalls.symlink(path, link))
            try hosts(link).install(names)
            let after = try #require(try FileStatus.of(path))
            #expect(after.inode == before.inode)
            #expect(after.permissions == mode)
            #expect(after.size > before.size)
            #expect(try FileStatus.of(link, followingLinks: false)?.isSymbolicLink == true)
        }
    }

    @Test func `a file that is right is not written`() throws {
        try TemporaryDirectory.with { directory in
            let path = directory.appending("hosts")
            try AtomicFile.write("".utf8, to: path)
            let hosts = hosts(path)
            try hosts.install(names)
            let before = try FileStatus.of(path)
            try hosts.install(names)
            #expect(try FileStatus.of(path) == before)
        }
    }

    @Test func `a block whose directory is gone goes with the next change`() throws {
        try TemporaryDirectory.with { directory in
            let path = directory.appending("hosts")
            try AtomicFile.write("127.0.0.1 localhost\n".utf8, to: path)
            let alive = HostsFile(
                path: path,
                block: HostsBlock(directory: directory, isUsual: false),
            )
            try alive.install(names)
            let expected = try AtomicFile.read(path)
            // `/state` is nowhere.
            try hosts(path).install(names)
            #expect(try AtomicFile.read(path) != expected)
            try alive.install(names)
            #expect(try AtomicFile.read(path) == expected)
        }
    }

    @Test func `a failure names the file and what to run`() throws {
        let hosts = hosts("/proc/version")
        let error = #expect(throws: HostsError.self) { try hosts.install(names) }
        // Which of the two the kernel says depends on whether root asks.
        #expect(error?.description.contains("Can't write /proc/version (") == true)
        #expect(error?.description.contains("`sudo portless hosts sync`") == true)
    }

    @Test func `bytes that are no text are left alone`() throws {
        try TemporaryDirectory.with { directory in
            let path = directory.appending("hosts")
            let content: [UInt8] = [0x23, 0xFF, 0xFE, 0x0A]
            try AtomicFile.write(content, to: path)
            #expect(throws: HostsError.self) { try hosts(path).install(names) }
            #expect(try AtomicFile.read(path) == content)
        }
    }

    @Test func `the variable points to another file`() {
        #expect(HostsFile.path(environment: [:]) == "/etc/hosts")
        #expect(HostsFile.path(environment: ["PORTLESS_HOSTS_FILE": ""]) == "/etc/hosts")
        #expect(HostsFile.path(environment: ["PORTLESS_HOSTS_FILE": "/x"]) == "/x")
    }
}
