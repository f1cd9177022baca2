import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Server

@Suite struct PrivateSocketTests {
    @Test func `no other user enters the folder, and it stays so`() throws {
        try TemporaryDirectory.with { path in
            try path.write("server/api.sock", "left by a server that was killed")
            let binding = "server/api.\(ProcessIdentity.current.pid).sock"
            try path.write(binding, "left by a server that had this PID")
            var socket = try PrivateSocket(in: StateDirectory(path: path))
            #expect(socket.path == path.appending("server/api.sock"))
            let folder = try #require(try FileStatus.of(path.appending("server")))
            #expect(folder.permissions == .ownerReadWriteExecute)
            #expect(try FileStatus.of(socket.bindingPath) == nil)

            try path.write(binding, "mine")
            try socket.publish()
            #expect(try AtomicFile.read(socket.path) == Array("mine".utf8))
            socket.remove()
            #expect(try FileStatus.of(socket.path) == nil)
        }
    }

    @Test func `a server that was replaced leaves its successor's socket alone`() throws {
        try TemporaryDirectory.with { path in
            var socket = try PrivateSocket(in: StateDirectory(path: path))
            try FileSystem.removeFile(socket.bindingPath)
            try path.write("server/api.\(ProcessIdentity.current.pid).sock", "mine")
            try socket.publish()
            // A socket that is bound keeps its inode from being used again, and so does this.
            try FileSystem.move(socket.path, to: path.appending("server/kept"))
            try path.write("server/api.sock", "the successor's")
            socket.remove()
            #expect(try FileStatus.of(socket.path) != nil)
        }
    }

    @Test func `a state directory with a long path has its socket elsewhere`() throws {
        try TemporaryDirectory.with { path in
            let deep = path.appending(String(repeating: "x", count: 100))
            _ = try FileSystem.makeDirectory(deep, mode: .ownerReadWriteExecute)
            let socket = try PrivateSocket(in: StateDirectory(path: deep))
            #expect(socket.path.string.utf8.count < 104)
            let folder = socket.path.removingLastComponent()
            #expect(try FileStatus.of(folder)?.permissions == .ownerReadWriteExecute)
            socket.remove()
            #expect(try FileStatus.of(folder) == nil)
        }
    }
}
