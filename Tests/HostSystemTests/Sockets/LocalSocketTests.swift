import SystemPackage
import TestSupport
import Testing

@testable import HostSystem

struct LocalSocketTests {
    /// The address of a socket holds 104 bytes of a path on macOS, and 108 on Linux.
    @Test(arguments: [1, 60, 90, 100, 200])
    func `a socket is reached in its folder, however long that folder's path is`(
        length: Int
    ) throws {
        try TemporaryDirectory.with { root in
            let directory = root.appending(String(repeating: "x", count: length))
            _ = try FileSystem.makeDirectory(directory, mode: .ownerReadWriteExecute)
            let listener = try LocalSocket.listen(in: directory, as: "keeper.sock")
            defer { try? listener.close() }
            #expect(try LocalSocket.accept(listener) == nil)
            let client = try LocalSocket.connect(in: directory, to: "keeper.sock")
            defer { try? client.close() }
            let accepted = try #require(try LocalSocket.accept(listener))
            defer { try? accepted.close() }
            #expect(DirectoryListing.names(directory) == ["keeper.sock"])
            let status = try #require(try FileStatus.of(directory.appending("keeper.sock")))
            #expect(status.permissions == .ownerReadWrite)
            // In place of one that was left behind.
            try LocalSocket.listen(in: directory, as: "keeper.sock").close()
            #expect(throws: SystemError.self) {
                try LocalSocket.connect(in: directory, to: "keeper.sock")
            }
        }
    }

    /// SIGPIPE would end this process: its action is the default, unless SwiftNIO has changed that.
    @Test func `what is sent to a peer that is gone is an error, and no signal`() throws {
        let (own, peer) = try LocalSocket.pair()
        defer { try? own.close() }
        let byte: [UInt8] = [1]
        #expect(try byte.withUnsafeBytes { try LocalSocket.send($0, to: own) } == 1)
        try peer.close()
        #expect(throws: Errno.brokenPipe) {
            try byte.withUnsafeBytes { try LocalSocket.send($0, to: own) }
        }
    }
}
