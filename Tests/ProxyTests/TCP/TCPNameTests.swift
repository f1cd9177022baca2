import NIOCore
import NIOPosix
import NIOSSL
import PortlessCore
import Testing

@testable import Proxy

@Suite(.timeLimit(.minutes(1))) struct TCPNameTests {
    /// A server that says which name a client wants, greets it, and echoes.
    private func withDatabase(
        _ body: @Sendable (_ proxy: Int) async throws -> Void
    ) async throws {
        try await ScriptedUpstream({ connection, _ in
            try await connection.send("hello ")
            let question = try await connection.read(until: "?")
            try await connection.send("you asked \(question)")
        }).run { upstream, _ in
            let routes = TestRoutes([
                Route(
                    hostname: try #require(Hostname("db.localhost")),
                    port: try #require(Port(upstream)),
                    owner: .alias,
                    upstreamProtocol: .tcp,
                ),
                Route(
                    hostname: try #require(Hostname("app.localhost")),
                    port: try #require(Port(upstream)),
                    owner: .alias,
                ),
            ])
            try await withProxy(routes: routes, certificates: TestCertificate(), body)
        }
    }

    private func read(
        _ name: String?,
        port: Int,
        protocols: [String] = [],
        asking: String = "why?",
    ) async throws -> String {
        try await RawConnection.with(port: port) { client in
            try await client.startTLS(name: name, protocols: protocols)
            try await client.send(asking)
            return await client.readToEnd()
        }
    }

    /// What a client of PostgreSQL gets, which asks for TLS by a message of its own.
    private func readAsPostgreSQL(_ name: String?, port: Int) async throws -> String {
        try await RawConnection.with(port: port) { client in
            try await client.send(ByteBuffer(bytes: [0, 0, 0, 8, 4, 210, 22, 47]))
            let question = try await client.read(count: 1)
            #expect(String(buffer: question) == "S")
            try await client.startTLS(name: name)
            // A refusal may come, and end the connection, before the client has said a word.
            try? await client.send("why?")
            return await client.readToEnd()
        }
    }

    @Test func `the name that TLS tells leads to the database`() async throws {
        try await withDatabase { port in
            for name in ["db.localhost", "DB.localhost"] {
                let answer = try await read(name, port: port)
                #expect(answer == "hello you asked why?")
            }
        }
    }

    @Test func `a client that insists on PostgreSQL's protocol gets it`() async throws {
        try await withDatabase { port in
            let answer = try await read("db.localhost", port: port, protocols: ["postgresql"])
            #expect(answer == "hello you asked why?")
        }
    }

    @Test func `a browser gets a page instead of a database`() async throws {
        try await withDatabase { port in
            let request = "GET / HTTP/1.1\r\nHost: db.localhost\r\nConnection: close\r\n\r\n"
            let answer = try await read(
                "db.localhost",
                port: port,
                protocols: ["http/1.1"],
                asking: request,
            )
            #expect(answer.hasPrefix("HTTP/1.1 421 "))
            #expect(answer.contains("db.localhost is a TCP name"))
        }
    }

    @Test func `HTTP names beside it are served as ever`() async throws {
        try await withDatabase { port in
            for name in ["app.localhost", "other.localhost", nil] {
                let request = "GET / HTTP/1.1\r\nHost: x.localhost\r\nConnection: close\r\n\r\n"
                let answer = try await read(name, port: port, asking: request)
                #expect(answer.hasPrefix("HTTP/1.1 404 "))
            }
        }
    }

    @Test func `PostgreSQL's client asks for TLS first`() async throws {
        try await withDatabase { port in
            let answer = try await readAsPostgreSQL("db.localhost", port: port)
            #expect(answer == "hello you asked why?")
        }
    }

    @Test(arguments: [("app.localhost", "is no TCP name"), (nil, "tells no host name")])
    func `PostgreSQL's client is told what is wrong with its name`(
        name: String?,
        words: String,
    ) async throws {
        try await withDatabase { port in
            let answer = try await readAsPostgreSQL(name, port: port)
            #expect(answer.hasPrefix("E"))
            #expect(answer.contains(words))
        }
    }

    @Test func `a session without TLS is told to use it`() async throws {
        try await withDatabase { port in
            try await RawConnection.with(port: port) { client in
                var start = ByteBuffer()
                start.writeInteger(UInt32(17))
                start.writeInteger(UInt32(0x0003_0000))
                start.writeString("user\0a\0\0\0")
                try await client.send(start)
                let answer = await client.readToEnd()
                #expect(answer.hasPrefix("E"))
                #expect(answer.contains("sslmode=require"))
            }
        }
    }

    @Test func `bytes behind the question for TLS end the connection`() async throws {
        try await withDatabase { port in
            try await RawConnection.with(port: port) { client in
                try await client.send(
                    ByteBuffer(bytes: [0, 0, 0, 8, 4, 210, 22, 47] + Array("x".utf8))
                )
                #expect(await client.readToEnd() == "")
            }
            try await RawConnection.with(port: port) { client in
                try await client.send(ByteBuffer(bytes: [0, 0, 0, 8, 4, 210, 22, 47]))
                let question = try await client.read(count: 1)
                #expect(String(buffer: question) == "S")
                try await client.send("GET / HTTP/1.1\r\n\r\n")
                #expect(await client.readToEnd() == "")
            }
        }
    }

    @Test func `a database that isn't running is told in PostgreSQL's words`() async throws {
        let routes = TestRoutes([
            Route(
                hostname: try #require(Hostname("db.localhost")),
                port: Port(1),
                owner: .alias,
                upstreamProtocol: .tcp,
            )
        ])
        try await withProxy(routes: routes, certificates: TestCertificate()) { port in
            let answer = try await readAsPostgreSQL("db.localhost", port: port)
            #expect(answer.contains("Nothing listens on port 1"))
        }
    }
}
