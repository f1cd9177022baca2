import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Server

@Suite struct APITokenTests {
    @Test func `the token is made once, for its user's eyes only`() throws {
        try TemporaryDirectory.with { path in
            let directory = StateDirectory(path: path)
            #expect(try APIToken.read(from: directory) == nil)
            let token = try APIToken.prepare(in: directory)
            #expect(token.text.utf8.count == 64)
            #expect(try APIToken.prepare(in: directory) == token)
            #expect(try APIToken.read(from: directory) == token)
            let status = try #require(try FileStatus.of(directory[.serverToken]))
            #expect(status.permissions == .ownerReadWrite)
        }
    }

    @Test func `a token that was opened for others is closed again`() throws {
        try TemporaryDirectory.with { path in
            let directory = StateDirectory(path: path)
            _ = try APIToken.prepare(in: directory)
            try FileSystem.setPermissions(
                [.ownerReadWrite, .groupRead, .otherRead],
                of: directory[.serverToken],
            )
            _ = try APIToken.read(from: directory)
            let status = try #require(try FileStatus.of(directory[.serverToken]))
            #expect(status.permissions == .ownerReadWrite)
        }
    }

    @Test(arguments: ["", "\n", "abc"])
    func `a file that was cut short is no secret`(text: String) throws {
        try TemporaryDirectory.with { path in
            let directory = StateDirectory(path: path)
            try directory.write(text, to: directory[.serverToken])
            let token = try APIToken.prepare(in: directory)
            #expect(token.text.utf8.count == 64)
        }
    }

    @Test func `only the whole token matches`() {
        let token = APIToken("secret")
        #expect(token.matches("secret"))
        for text in ["", "secre", "secrets", "Secret"] { #expect(!token.matches(text)) }
    }
}
