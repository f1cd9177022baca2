import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Server

@Suite struct PrivateSocketTests {
    @Test func `the folder is nobody else's, and stays so`() throws {
        try TemporaryDirectory.with { path in
            try path.write("server/api.sock", "left by a server that was killed")
            let socket = try PrivateSocket(in: StateDirectory(path: path))
            #expect(socket.path == path.appending("server/api.sock"))
            let folder = try #require(try FileStatus.of(path.appending("server")))
            #expect(folder.permissions == .ownerReadWriteExecute)
            #expect(try FileStatus.of(socket.path) == nil)
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
