import Foundation
import Testing

extension EndToEnd {
    /// Several apps on one host, told apart by the path.
    @Suite struct PathRouteTests {}
}

extension EndToEnd.PathRouteTests {
    private static let app = """
        const name = process.argv[2]
        require('http').createServer((request, answer) => {
          const prefix = request.headers['x-forwarded-prefix'] || '-'
          answer.end(`${name} ${request.url} ${prefix} ${process.env.PORTLESS_URL}`)
        }).listen(process.env.PORT, '127.0.0.1')
        """

    @Test func `apps share a host, and each ends for itself`() async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write(Self.app, to: "app.js")
            let url = sandbox.url("shop")
            let root = try sandbox.startPortless("shop", "node", "app.js", "root")
            #expect(try await sandbox.answer("\(url)/") == "root / - \(url)")
            let api = try sandbox.startPortless("shop", "--path", "/api", "node", "app.js", "api")
            let cut = try sandbox.startPortless(
                "shop",
                "node",
                "app.js",
                "cut",
                environment: ["PORTLESS_PATH": "/cut", "PORTLESS_STRIP_PATH": "1"],
            )
            try await eventually("all three have their paths") {
                let list = try await sandbox.portless("list").output
                return list.contains("  \(url)/api  ->") && list.contains("  \(url)/cut  ->")
                    ? () : nil
            }
            #expect(try await sandbox.answer("\(url)/api/x?y") == "api /api/x?y - \(url)/api")
            #expect(try await sandbox.answer("\(url)/cut/x") == "cut /x /cut \(url)/cut")
            #expect(try await sandbox.answer("\(url)/apix") == "root /apix - \(url)")
            for path in ["/x/../api", "//api", "/%61pi", "/api/../x"] {
                let answer = try await sandbox.curl("\(url)\(path)", "--path-as-is")
                #expect(answer.status == 400, "\(path)")
            }
            #expect(
                try await sandbox.portless("get", "shop", "--path", "/api").output == "\(url)/api\n"
            )
            let taken = try await sandbox.portless(
                "shop",
                "--path",
                "/api/",
                "node",
                "app.js",
                "x",
            )
            #expect(taken.status == 1)
            #expect(taken.talk.contains("shop.localhost/api"))

            root.send(SIGINT)
            _ = try await root.finished()
            let gone = try await sandbox.curl("\(url)/")
            #expect(gone.status == 404)
            #expect(gone.body.contains("it has only /api, /cut"))
            for app in [api, cut] {
                app.send(SIGINT)
                _ = try await app.finished()
            }
            #expect(try await sandbox.portless("list").output.contains("No active routes"))
        }
    }

    @Test func `an alias and a project's file may say a path`() async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write(Self.app, to: "app.js")
            try sandbox.write(
                #"{"name": "shop", "path": "/web", "stripPath": true}"#,
                to: "portless.json",
            )
            let url = sandbox.url("shop")
            let web = try sandbox.startPortless("run", "node", "app.js", "web")
            #expect(try await sandbox.answer("\(url)/web/x") == "web /x /web \(url)/web")
            let port = try FreePort.next()
            _ = try sandbox.start(["node", "app.js", "alias"], environment: ["PORT": "\(port)"])
            let added = try await sandbox.portless("alias", "shop", "\(port)", "--path", "/files")
            #expect(added.output.contains("shop.localhost/files -> 127.0.0.1:\(port)"))
            #expect(try await sandbox.answer("\(url)/files").hasPrefix("alias /files"))
            let removed = try await sandbox.portless(
                "alias",
                "--remove",
                "shop",
                "--path",
                "/files",
            )
            #expect(removed.output.contains("Removed alias: shop.localhost/files"))
            #expect(try await sandbox.curl("\(url)/files").status == 404)
            #expect(try await sandbox.curl("\(url)/web").status == 200)
            web.send(SIGINT)
            _ = try await web.finished()

            try sandbox.write(#"{"name": "shop", "path": "/a/../b"}"#, to: "portless.json")
            let bad = try await sandbox.portless("run", "node", "app.js", "web")
            #expect(bad.status == 1)
            #expect(bad.talk.contains("\"path\" can't be used"))
        }
    }
}
