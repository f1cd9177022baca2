import Foundation
import Testing

extension EndToEnd {
    /// `portless remote`, with a real SSH server.
    @Suite(.enabled(if: RemoteMachine.isPossible)) struct RemoteTests {}
}

extension EndToEnd.RemoteTests {
    private func connected(_ machine: RemoteMachine) async throws {
        try await eventually("a connection") {
            try await machine.here("remote", "status").status == 0 ? true : nil
        }
    }

    @Test func `names of another machine come, serve, follow and go`() async throws {
        try await RemoteMachine.with { machine in
            let sandbox = machine.sandbox
            let shop = try machine.start("shop", "node", Apps.path("node-http.js"))
            try await shop.waitForTalk("shop.localhost")
            let started = try await machine.here(
                "remote",
                machine.destination,
                "--state-dir",
                machine.state,
            )
            #expect(started.status == 0, "\(started.talk)")
            #expect(started.output.contains("\(sandbox.url("shop.box"))\n"))

            // By TLS with the authority of this machine, in HTTP/2.
            let page = try await eventually("shop answers") {
                let page = try await sandbox.curl(
                    sandbox.url("shop.box") + "/a?b",
                    "--http2",
                )
                return page.status == 200 ? page : nil
            }
            let echo = try Echo(page.body)
            #expect(echo.url == "/a?b")
            #expect(echo.headers["host"] == "shop.localhost")
            #expect(echo.headers["x-forwarded-host"] == "shop.box.localhost:\(sandbox.port)")
            #expect(echo.headers["x-forwarded-proto"] == "https")
            #expect(echo.headers["x-portless-hops"] == "2")
            let version = try await sandbox.curl(
                sandbox.url("shop.box"),
                "--http2",
                "-w",
                "\n%{http_version}\n%{http_code}",
            )
            #expect(version.body.hasSuffix("\n2"), "\(version.body)")

            let list = try await machine.here("list")
            #expect(list.output.contains("Mirrored from box:"))
            #expect(list.output.contains("\(sandbox.url("shop.box"))  ->  shop.localhost\n"))

            let socket = try machine.start("ws", "node", Apps.path("websocket-server.js"))
            try await eventually("the new name") {
                try await machine.here("list").output.contains("ws.box") ? true : nil
            }
            let client = try await sandbox.start([
                "python3", Apps.path("websocket-client.py"),
                sandbox.url("ws.box", scheme: "wss"), sandbox.authority,
            ]).finished()
            #expect(client.output == "echoed\n", "\(client.talk)")
            socket.send(SIGINT)
            try await eventually("its end") {
                try await machine.here("list").output.contains("ws.box") ? nil : true
            }

            let stopped = try await machine.here("remote", "--stop", "box")
            #expect(stopped.output == "\(machine.destination) is no longer mirrored.\n")
            #expect(!(try await machine.here("list").output.contains("box")))
            #expect(!sandbox.stateFile("routes.json").contains("box"))
            let left = try FileManager.default.contentsOfDirectory(
                atPath: sandbox.state.appending(path: "remotes").path()
            )
            #expect(left == [])
            shop.send(SIGINT)
            _ = try await shop.finished()
        }
    }

    @Test func `a killed connection comes back, and clean ends it`() async throws {
        try await RemoteMachine.with { machine in
            let sandbox = machine.sandbox
            let shop = try machine.start("shop", "node", Apps.path("node-http.js"))
            try await shop.waitForTalk("shop.localhost")
            let call = ["remote", machine.destination, "--state-dir", machine.state]
            let started = try await sandbox.start([Binary.path] + call, environment: machine.reach)
                .finished()
            #expect(started.status == 0, "\(started.talk)")
            try await sandbox.answer(sandbox.url("shop.box"))

            machine.endServer()
            try await eventually("the loss is told") {
                let status = try await machine.here("remote", "status")
                return status.status == 1 && status.output.contains("waiting, 1 name") ? true : nil
            }
            #expect(try await machine.here("list").output.contains("from box (not connected):"))
            #expect(try await sandbox.curl(sandbox.url("shop.box")).status == 502)
            try await machine.startServer()
            try await connected(machine)
            try await sandbox.answer(sandbox.url("shop.box"))

            // The mirror itself is killed: its keeper starts another one.
            let mirror = try #require(
                ProcessTable.all.first {
                    $0.arguments.contains("remote serve")
                        && $0.environment.contains(sandbox.state.path())
                }
            )
            kill(mirror.id, SIGKILL)
            try await eventually("another mirror") {
                try await machine.here("remote", "status", "--json").output
                    .contains("\"pid\": \(mirror.id)") ? nil : true
            }
            try await connected(machine)
            try await sandbox.answer(sandbox.url("shop.box"))

            #expect(try await machine.here("clean").status == 0)
            try await eventually("no ssh is left") {
                ProcessTable.all.contains {
                    $0.directory == sandbox.state.appending(path: "remotes").path()
                } ? nil : true
            }
            shop.send(SIGINT)
            _ = try await shop.finished()
        }
    }

    @Test func `each refusal is one sentence`() async throws {
        try await RemoteMachine.with { machine in
            func refused(_ arguments: String..., words: String) async throws {
                let result = try await machine.sandbox.start(
                    [Binary.path, "remote"] + arguments,
                    environment: machine.reach,
                ).finished()
                #expect(result.status == 1)
                #expect(result.talk.contains(words), "\(result.talk)")
            }
            let destination = machine.destination
            try await refused("dev@-oProxyCommand=x", words: "is no machine that ssh could reach")
            try await refused("dev@nowhere.invalid", words: "There is no host called")
            try await refused("--stop", "box", words: "No machine called \"box\" is mirrored")

            // Nothing runs there yet, which is no error.
            let empty = try await machine.sandbox.start(
                [Binary.path, "remote", destination, "--state-dir", machine.state],
                environment: machine.reach,
            ).finished()
            #expect(empty.status == 0, "\(empty.talk)")
            #expect(empty.talk.contains("No Portless proxy runs on \(destination)."))
            try await refused("other@box", words: "under \"box\" already")
            try await machine.here("remote", "--stop")

            machine.endServer()
            try await machine.makeKey("host-key")
            try await machine.startServer()
            try await refused(destination, words: "is another one than before")
            try machine.write("", to: "known_hosts")
            try machine.write("", to: "authorized_keys")
            try await refused(destination, words: "refuses the login")
            machine.endServer()
            try await refused(destination, words: "Connection refused")
        }
    }
}
