import Foundation
import Testing

extension EndToEnd {
    /// The port that counts is the one the app listens on.
    @Suite struct PortTests {}
}

extension EndToEnd.PortTests {
    @Test func `an app that ignores PORT is followed to its own`() async throws {
        try await Sandbox.with { sandbox in
            let port = try FreePort.next()
            try sandbox.write("found", to: "index.html")
            let app = try sandbox.startPortless(
                "files",
                "python3",
                "-m",
                "http.server",
                String(port),
            )
            #expect(try await sandbox.answer(sandbox.url("files")).contains("found"))
            try await app.waitForTalk("listens on port \(port)")
            #expect(try await sandbox.portless("list").output.contains("localhost:\(port)"))
        }
    }

    @Test func `a request that came while the app was starting is answered there, too`()
        async throws
    {
        try await Sandbox.with { sandbox in
            let port = try FreePort.next()
            try await sandbox.portless("proxy", "start")
            _ = try sandbox.startPortless(
                "files",
                "sh",
                "-c",
                "sleep 1; exec python3 -m http.server \(port)",
            )
            try await eventually("the route") {
                sandbox.stateFile("routes.json").contains("files.localhost") ? () : nil
            }
            #expect(try await sandbox.curl(sandbox.url("files")).status == 200)
        }
    }

    @Test func `an app that starts again on another port is found by requests for it`()
        async throws
    {
        try await Sandbox.with { sandbox in
            let port = try FreePort.next()
            try sandbox.write("found", to: "index.html")
            // As a watcher does: the server inside ends, and comes back elsewhere. It first
            // listens where it was told to, after which the run looks no more unasked.
            let script = """
                python3 -m http.server $PORT & echo $! > server; wait $!
                exec python3 -m http.server \(port)
                """
            let app = try sandbox.startPortless("files", "sh", "-c", script)
            try await sandbox.answer(sandbox.url("files"))
            let server = try String(
                contentsOf: sandbox.project.appending(path: "server"),
                encoding: .utf8,
            )
            kill(try #require(Int32(server.trimmingCharacters(in: .newlines))), SIGKILL)
            #expect(try await sandbox.answer(sandbox.url("files")).contains("found"))
            #expect(app.talk.contains("listens on port \(port)"))
        }
    }

    @Test func `the assigned port wins over another one, and the first with pages over the rest`()
        async throws
    {
        try await Sandbox.with { sandbox in
            let (pages, silent) = (try FreePort.next(), try FreePort.next())
            let server = """
                const http = require("http");
                const serve = (port, text) => http.createServer((q, s) => s.end(text))
                    .listen(port, "127.0.0.1");
                """
            try sandbox.write(
                server + """
                    require("net").createServer().listen(\(min(pages, silent)), "127.0.0.1");
                    serve(\(max(pages, silent)), "pages");
                    process.on("SIGUSR2", () => serve(process.env.PORT, "assigned"));
                    """,
                to: "server.js",
            )
            let app = try sandbox.startPortless("both", "node", "server.js")
            #expect(try await sandbox.answer(sandbox.url("both")) == "pages")
            #expect(app.talk.contains("also on \(min(pages, silent))"))
            app.send(SIGUSR2)
            try await eventually("the assigned port's answer") {
                try await sandbox.curl(sandbox.url("both")).body == "assigned" ? () : nil
            }
        }
    }

    @Test func `a server on the IPv6 loopback only is reached`() async throws {
        try await Sandbox.with { sandbox in
            _ = try sandbox.startPortless(
                "six",
                "sh",
                "-c",
                "exec python3 -m http.server --bind ::1 $PORT",
            )
            try await sandbox.answer(sandbox.url("six"))
        }
    }

    @Test func `a name keeps its port from run to run`() async throws {
        try await Sandbox.with { sandbox in
            let ports = try await [1, 2, 3].asyncMap { _ in
                try await sandbox.portless("myapp", "sh", "-c", "echo $PORT").output
            }
            #expect(Set(ports).count == 1)
            let fixed = try await sandbox.portless(
                "--app-port",
                "4567",
                "myapp",
                "sh",
                "-c",
                "echo $PORT",
            )
            #expect(fixed.output == "4567\n")
        }
    }
}

extension Sequence {
    fileprivate func asyncMap<Result>(
        _ transform: (Element) async throws -> Result
    ) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
