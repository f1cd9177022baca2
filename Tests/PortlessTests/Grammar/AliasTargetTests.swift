import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import portless

@Suite struct AliasTargetTests {
    private func target(_ text: String) throws -> AliasTarget {
        try AliasTarget(argument: text) { path in
            FilePath("/nowhere").pushing(FilePath(path)).lexicallyNormalized()
        }
    }

    @Test(arguments: [
        "3000", "localhost:3000", "127.0.0.1:3000", "[::1]:3000", "http://localhost:3000",
        "HTTP://app.localhost:3000/",
    ])
    func `leads to a port of this machine`(text: String) throws {
        #expect(try target(text).place == .port(3000))
        #expect(try target(text).tls == nil)
    }

    @Test func `https says for whom the certificate is`() throws {
        #expect(try target("https://localhost:8443").tls?.serverName == "localhost")
        #expect(try target("https://me.localhost:8443").tls?.serverName == "me.localhost")
        #expect(try target("https://127.0.0.1:8443").tls == UpstreamTLS(serverName: nil))
    }

    @Test(arguments: [
        ("unix:/run/a.sock", "/run/a.sock"), ("unix:///run/a.sock", "/run/a.sock"),
        ("unix:a.sock", "/nowhere/a.sock"), ("unix:../b/a.sock", "/b/a.sock"),
    ])
    func `leads to a socket`(text: String, path: String) throws {
        #expect(try target(text).place == .socket(FilePath(path)))
    }

    @Test(arguments: [
        ("", "Invalid port"), ("80x", "Invalid port"), ("0", "Invalid port"),
        ("localhost:", "Invalid port"), ("localhost:99999", "Invalid port"),
        ("192.168.1.5:3000", "another machine"), ("https://example.com:443", "another machine"),
        ("https://localhost", "no address with a port"), ("http://localhost:3000/x", "no address"),
        ("ftp://localhost:21", "can't lead"), ("unix:", "names no socket"),
        ("unix:/var/run/docker.sock", "as root"), ("unix:/etc/passwd", "is no socket"),
        ("unix:/" + String(repeating: "a", count: 103), "too long"),
    ])
    func `refuses what it can't lead to`(text: String, words: String) throws {
        let error = #expect(throws: Failure.self) { try target(text) }
        #expect(error?.sentence.contains(words) == true, "\(error?.sentence ?? "")")
    }
}
