import Foundation
import Testing

extension EndToEnd {
    /// Names that lead to HTTPS servers and to Unix sockets.
    @Suite struct UpstreamKindTests {}
}

extension EndToEnd.UpstreamKindTests {
    @Test func `an HTTPS server needs a certificate that counts, or a word`() async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write(
                """
                const tls = { key: require('fs').readFileSync('key.pem'),
                              cert: require('fs').readFileSync('cert.pem') }
                require('https').createServer(tls, (request, answer) => {
                  answer.end(`secret ${request.headers.host} ${request.headers['x-forwarded-proto']}`)
                }).listen(process.env.PORT, '127.0.0.1')
                """,
                to: "app.js",
            )
            let made = try await sandbox.start([
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "key.pem", "-out", "cert.pem",
                "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
            ]).finished()
            try #require(made.status == 0, "\(made.talk)")
            let port = try FreePort.next()
            _ = try sandbox.start(["node", "app.js"], environment: ["PORT": "\(port)"])
            _ = try await sandbox.start([
                Binary.path, "proxy", "start", "-p", "\(sandbox.port)",
            ]).finished()
            let target = "https://localhost:\(port)"
            _ = try await sandbox.portless("alias", "admin", target)
            let refused = try await eventually("the server listens") {
                let answer = try await sandbox.curl(sandbox.url("admin"))
                return answer.body.contains("TLS connection") ? answer : nil
            }
            #expect(refused.status == 502)
            #expect(refused.body.contains("--insecure"))
            _ = try await sandbox.portless("alias", "admin", target, "--insecure")
            #expect(
                try await sandbox.answer(sandbox.url("admin"))
                    == "secret admin.localhost:\(sandbox.port) https"
            )
            let list = try await sandbox.portless("list").output
            #expect(list.contains("->  https://localhost:\(port)  (alias)  insecure"))

            let run = try sandbox.startPortless(
                "--https-upstream",
                "--insecure",
                "own",
                "node",
                "app.js",
            )
            #expect(try await sandbox.answer(sandbox.url("own")).hasPrefix("secret own.localhost"))
            run.send(SIGINT)
            _ = try await run.finished()
        }
    }

    @Test func `a socket is found by its path, and missed when it is gone`() async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write(
                """
                require('http').createServer((request, answer) => {
                  answer.end(`socket ${request.url}`)
                }).listen('app.sock')
                """,
                to: "app.js",
            )
            _ = try await sandbox.start([
                Binary.path, "proxy", "start", "-p", "\(sandbox.port)",
            ]).finished()
            let early = try await sandbox.portless("alias", "app", "unix:app.sock")
            #expect(early.status == 0)
            #expect(early.talk.contains("There is no socket"))
            let missing = try await sandbox.curl(sandbox.url("app"))
            #expect(missing.status == 502)
            #expect(missing.body.contains("Nothing listens on socket /"))
            let app = try sandbox.start(["node", "app.js"])
            #expect(try await sandbox.answer("\(sandbox.url("app"))/x") == "socket /x")
            #expect(try await sandbox.portless("list").output.contains("->  unix:/"))
            let doctor = try await sandbox.portless("doctor").output
            #expect(!doctor.contains("There is no socket"))
            app.send(SIGKILL)
            _ = try await app.finished()
            #expect(try await sandbox.curl(sandbox.url("app")).status == 502)

            for (target, words) in [
                ("192.168.1.5:3000", "another machine"), ("unix:/run/docker.sock", "as root"),
                ("unix:app.js", "is no socket"),
            ] {
                let refused = try await sandbox.portless("alias", "x", target)
                #expect(refused.status == 1)
                #expect(refused.talk.contains(words))
            }
        }
    }
}
