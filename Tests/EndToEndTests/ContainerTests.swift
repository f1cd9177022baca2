import Foundation
import Testing

extension EndToEnd {
    /// Names for containers, with a socket that speaks the engine's API and a `docker` that writes down
    /// how it was called.
    @Suite struct ContainerTests {}
}

extension EndToEnd.ContainerTests {
    private func app(_ sandbox: Sandbox, _ port: Int) throws {
        _ = try sandbox.start(
            ["node", Apps.path("node-http.js")],
            environment: ["PORT": "\(port)", "HOST": "127.0.0.1", "I_AM": "the container"],
        )
    }

    /// What `docker watch` says of one container.
    private func note(
        _ name: String,
        _ sandbox: Sandbox,
    ) async throws -> (names: [String], problem: String?)? {
        let status = try await sandbox.portless("docker", "watch", "--json")
        let json = try JSONSerialization.jsonObject(with: Data(status.output.utf8))
        let all = (json as? [String: Any])?["containers"] as? [[String: Any]] ?? []
        guard let found = all.first(where: { $0["name"] as? String == name }) else { return nil }
        return (found["names"] as? [String] ?? [], found["problem"] as? String)
    }

    @Test func `containers have names while they run, and apps come first`() async throws {
        try await Sandbox.with { sandbox in
            let engine = try await FakeEngine(sandbox)
            let (port, other, third) = (
                try FreePort.next(), try FreePort.next(), try FreePort.next(),
            )
            try app(sandbox, port)
            let off = try await sandbox.portless("docker", "watch")
            #expect(off.output.hasPrefix("Containers get no names."))
            let on = try await sandbox.portless(
                "docker",
                "watch",
                "on",
                environment: engine.environment,
            )
            #expect(on.status == 0, "\(on.talk)")
            #expect(try await sandbox.portless("proxy", "start").status == 0)
            try engine.set([
                FakeEngine.container(
                    "shop-web-1",
                    port: port,
                    labels: [
                        "com.docker.compose.project": "shop", "com.docker.compose.service": "web",
                        "com.docker.compose.container-number": "1",
                    ],
                ),
                FakeEngine.container("mysql", port: other, inner: 3306),
                FakeEngine.container("postgres", port: third, inner: 5432),
            ])
            for name in ["web.shop", "shop"] {
                let body = try await sandbox.answer(sandbox.url(name))
                #expect(body.contains("the container"))
            }
            let list = try await sandbox.portless("list")
            let owner = "localhost:\(port)  (container shop-web-1, open to the network at 0.0.0.0)"
            #expect(
                list.output.contains("\(sandbox.url("web.shop"))  ->  \(owner)"),
                "\(list.output)",
            )
            let ports = try await sandbox.portless("ports").output
            #expect(ports.contains("container"), "\(ports)")
            #expect(try await note("mysql", sandbox)?.problem?.contains("databases") == true)
            #expect(list.output.contains("postgres.localhost"), "\(list.output)")

            // An app takes the name, with no force and no end of the server; afterwards it goes back.
            let run = try sandbox.startPortless(
                "shop",
                "--",
                "node",
                Apps.path("node-http.js"),
                environment: ["I_AM": "the app"],
            )
            try await eventually("the app has the name") { () -> Void? in
                let body = try? await sandbox.curl(sandbox.url("shop")).body
                return body?.contains("the app") == true ? () : nil
            }
            let told = try await eventually("the container's note") {
                () -> (names: [String], problem: String?)? in
                let current = try await note("shop-web-1", sandbox)
                return current?.problem == nil ? nil : current
            }
            #expect(told.names == ["web.shop.localhost"])
            #expect(told.problem == "An app has the name shop.localhost.")
            run.send(SIGTERM)
            try await run.finished()
            try await eventually("the container has the name again") { () -> Void? in
                let body = try? await sandbox.curl(sandbox.url("shop")).body
                return body?.contains("the container") == true ? () : nil
            }

            try engine.set([], event: "die")
            try await eventually("the names are gone") {
                try await sandbox.portless("list").output.contains("(container") ? nil : ()
            }
            try engine.set([FakeEngine.container("late", port: port)])
            try await sandbox.answer(sandbox.url("late"))
            // The server's end is theirs.
            #expect(try await sandbox.portless("server", "stop").status == 0)
            #expect(!sandbox.stateFile("routes.json").contains("late"))
            #expect(try await sandbox.portless("clean").status == 0)
            #expect(sandbox.stateFile("docker.json").isEmpty)
        }
    }

    @Test func `an engine that misbehaves costs neither names nor the server`() async throws {
        try await Sandbox.with { sandbox in
            let engine = try await FakeEngine(sandbox)
            let port = try FreePort.next()
            try app(sandbox, port)
            let many = (0..<10_000).map { number in
                #"{"Id": "\#(number)", "Names": ["/many-\#(number)"], "Created": \#(2_000_000_000 + number)}"#
            }
            let hostile = [
                "null", "7", #"{"Id": [], "Names": {}}"#,
                #"{"Id": "h", "Names": ["/\#u{1B}[2J"], "Ports": {"IP": 1}, "Labels": []}"#,
            ]
            try engine.set([FakeEngine.container("web", port: port)] + hostile + many)
            let on = try await sandbox.portless(
                "docker",
                "watch",
                "on",
                environment: engine.environment,
            )
            #expect(on.status == 0, "\(on.talk)")
            #expect(try await sandbox.portless("proxy", "start").status == 0)
            try await sandbox.answer(sandbox.url("web"))
            let server = sandbox.stateFile("server.json")
            for mood in ["garbage", "refuse", "cut", "silent"] {
                try engine.write(mood, to: "mood")
                // The stream that is open sends half lines and nonsense.
                try engine.write("{\"Action\": \"sta\u{0}\n][\n\"start\"\n", to: "event")
                try engine.set([FakeEngine.container("web", port: port)])
                try await Task.sleep(for: .milliseconds(300))
                #expect(try await sandbox.portless("server", "status").status == 0, "\(mood)")
            }
            try FileManager.default.removeItem(at: engine.folder.appending(path: "mood"))
            try engine.set([FakeEngine.container("again", port: port)])
            try await sandbox.answer(sandbox.url("again"))
            #expect(sandbox.stateFile("server.json") == server)
            let off = try await sandbox.portless("docker", "watch", "off")
            #expect(off.status == 0)
            try await eventually("no names") {
                sandbox.stateFile("routes.json").contains("again") ? nil : ()
            }
        }
    }

    @Test func `docker run and compose are called with what containers need`() async throws {
        try await Sandbox.with { sandbox in
            let engine = try await FakeEngine(sandbox)
            #expect(try await sandbox.portless("alias", "api.shop", "4999").status == 0)
            try engine.write("Hello.", to: "said")
            let run = try await sandbox.portless(
                "docker",
                "run",
                "web",
                "--port",
                "80",
                "--",
                "--rm",
                "nginx",
                "--no-input",
                environment: engine.environment,
            )
            #expect(run.status == 37, "\(run.talk)")
            #expect(run.output == "Hello.")
            #expect(run.talk.contains("To end that: portless docker watch off"))
            let called = engine.read("called").split(separator: "\n").map(String.init)
            #expect(called.first == "run")
            #expect(called.suffix(3) == ["--rm", "nginx", "--no-input"])
            #expect(called.contains("dev.portless.name=web"))
            #expect(called.contains("127.0.0.1::80"))
            #expect(called.contains("api.shop.localhost:host-gateway"))
            #expect(called.contains("web.localhost:host-gateway"))
            #expect(called.contains("\(sandbox.authority):/etc/portless/ca.pem:ro"))

            let port = try FreePort.next()
            try app(sandbox, port)
            try await sandbox.answer("http://127.0.0.1:\(port)/")
            try engine.write(
                """
                {"name": "shop", "services": {"web": {"image": "nginx", "ports": [
                  {"mode": "ingress", "target": 80, "published": "\(port)", "protocol": "tcp"}]}}}
                """,
                to: "project.json",
            )
            try sandbox.write("services: {web: {image: nginx}}\n", to: "compose.yaml")
            let up = try await sandbox.portless(
                "docker",
                "compose",
                "--profile",
                "x",
                "up",
                "-d",
                environment: engine.environment,
            )
            #expect(up.status == 37, "\(up.talk)")
            #expect(up.talk.contains("has port \(port), so web gets a free one"), "\(up.talk)")
            let override = sandbox.state.appending(path: "compose/shop.yaml").path()
            let own = sandbox.project.appending(path: "compose.yaml").path()
            #expect(
                engine.read("called").split(separator: "\n").map(String.init) == [
                    "compose", "--profile", "x", "--file", own, "--file", override, "up", "-d",
                ]
            )
            let text = sandbox.stateFile("compose/shop.yaml")
            #expect(text.contains("web.shop.localhost:host-gateway"), "\(text)")
            #expect(text.contains("ports: !override"), "\(text)")
            let logs = try await sandbox.portless(
                "docker",
                "compose",
                "logs",
                "-f",
                environment: engine.environment,
            )
            #expect(logs.status == 37)
            #expect(engine.read("called") == "compose\nlogs\n-f\n")
        }
    }

    @Test func `the proxy serves containers by the bridge alone`() async throws {
        try await Sandbox.with { sandbox in
            let engine = try await FakeEngine(sandbox)
            // No interface has this address: the listener is there before the bridge is.
            try engine.write(
                """
                [{"Name": "host", "Driver": "host", "IPAM": {"Config": null}},
                 {"Name": "bridge", "Driver": "bridge",
                  "IPAM": {"Config": [{"Subnet": "10.213.0.0/16", "Gateway": "10.213.0.1"}]}}]
                """,
                to: "networks.json",
            )
            #expect(
                try await sandbox.portless("proxy", "start", "--tld", "test", "--wildcard").status
                    == 0
            )
            let run = try await sandbox.portless(
                "docker",
                "run",
                "web",
                "--",
                "nginx",
                environment: engine.environment.merging(["PORTLESS_TLD": "test"]) { $1 },
            )
            #expect(run.status == 37, "\(run.talk)")
            #expect(
                run.talk.contains("The proxy also serves this machine's containers, at 10.213.0.1")
            )
            #expect(engine.read("called").contains("web.test:10.213.0.1\n"))
            let status = try await sandbox.portless("docker", "bridge")
            #expect(status.output == "Containers reach the proxy at 10.213.0.1.\n")
            // It is as it was, and `proxy restart` keeps it so.
            #expect(sandbox.stateFile("proxy.tlds").contains("test"))
            #expect(try await sandbox.portless("proxy", "restart").status == 0)
            #expect(try await sandbox.portless("docker", "bridge").output == status.output)
            let off = try await sandbox.portless("docker", "bridge", "off")
            #expect(off.output == "Containers don't reach the proxy.\n", "\(off.talk)")
            let again = try await sandbox.portless(
                "docker",
                "run",
                "web",
                "--",
                "nginx",
                environment: engine.environment,
            )
            #expect(again.talk.contains("To let them: portless docker bridge on"), "\(again.talk)")
        }
    }

    /// Whether this user may make PID namespaces.
    private static let hasNamespaces: Bool = {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["unshare", "--pid", "--fork", "--mount-proc", "true"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    @Test(.enabled(if: hasNamespaces))
    func `an app in another PID namespace keeps its name, both ways`() async throws {
        try await Sandbox.with { sandbox in
            #expect(try await sandbox.portless("proxy", "start").status == 0)
            let inside = try sandbox.start([
                "unshare", "--pid", "--fork", "--kill-child", "--mount-proc", Binary.path,
                "inside", "--", "node", Apps.path("node-http.js"),
            ])
            try await sandbox.answer(sandbox.url("inside"))
            let outside = try sandbox.startPortless(
                "outside",
                "--",
                "node",
                Apps.path("node-http.js"),
            )
            try await sandbox.answer(sandbox.url("outside"))
            let list = try await sandbox.portless("list").output
            #expect(list.contains(" in another container)"), "\(list)")
            for prefix in [[], ["unshare", "--pid", "--fork", "--mount-proc"]] {
                let prune = try await sandbox.start(prefix + [Binary.path, "prune"]).finished()
                #expect(prune.output == "No orphaned routes found.\n")
                let seen = try await sandbox.start(prefix + [Binary.path, "list"]).finished()
                for name in ["inside", "outside"] {
                    #expect(seen.output.contains("\(name).localhost"), "\(prefix) \(seen.output)")
                }
                let forced = try await sandbox.start(
                    prefix + [Binary.path, "doctor", "--json"]
                ).finished()
                #expect(!forced.output.contains("stale route"), "\(forced.output)")
            }
            // To take the name over ends no process here that has the same number.
            let refused = try await sandbox.portless("inside", "true")
            #expect(refused.status == 1)
            #expect(refused.talk.contains("is already registered by PID"))
            #expect(try await sandbox.portless("inside", "--force", "true").status == 0)
            #expect(inside.status == nil)
            #expect(outside.status == nil)
            try await sandbox.answer(sandbox.url("outside"))
        }
    }
}
