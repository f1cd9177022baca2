import Foundation
import Testing

extension EndToEnd {
    /// What others get to see: neighbours on the network, other users, readers of the log.
    @Suite struct ExposureTests {}
}

extension EndToEnd.ExposureTests {
    @Test(.enabled(if: PrivateMachine.isPossible, "only root can make networks"))
    func `a neighbour on the network reaches neither proxy nor app`() async throws {
        try await PrivateMachine.with { machine in
            try await withNeighbour(of: machine) { ask in
                // What a server that is open to all looks like from there.
                let open = try machine.startAsRoot("python3", "-m", "http.server", "9000")
                try await eventually("the neighbour reaches an open server; \(open.talk)") {
                    try await ask("http://10.231.7.1:9000/") == 200 ? () : nil
                }
                let start = try await machine.portless("proxy", "start", atTerminal: true)
                #expect(start.output.contains("port 443"))
                _ = try machine.startAsUser([
                    machine.binary, "run", "--name", "myapp", "--app-port", "4777", "node",
                    Apps.path("node-http.js"),
                ])
                try await eventually("the app answers at home") {
                    try await machine.status(of: "https://myapp.localhost/") == 200 ? () : nil
                }
                for address in ["10.231.7.1", "[fd00:231::1]"] {
                    for port in ["https:443", "http:443", "http:80", "http:4777"] {
                        let parts = port.split(separator: ":")
                        let url = "\(parts[0])://\(address):\(parts[1])/"
                        #expect(try await ask(url) == 0, "\(url)")
                    }
                }
                try await machine.portless("proxy", "stop")
                let other = try await machine.portless("proxy", "start", "-p", "8443")
                #expect(other.status == 0, "\(other.talk)")
                #expect(try await machine.status(of: "https://myapp.localhost:8443/") == 200)
                #expect(try await ask("https://10.231.7.1:8443/") == 0)
                #expect(try await ask("https://[fd00:231::1]:8443/") == 0)
            }
        }
    }

    @Test(.enabled(if: PrivateMachine.isPossible, "only root can make networks"))
    func `a socket that is open to all serves loopback peers only`() async throws {
        try await PrivateMachine.with { machine in
            try await withNeighbour(of: machine) { ask in
                _ = try machine.startSockets(
                    "-l",
                    "0.0.0.0:8443",
                    "env",
                    "HOME=\(machine.home)",
                    "PORTLESS_PORT=",
                    "PORTLESS_STATE_DIR=\(machine.sandbox.state.path())",
                    machine.binary,
                    "proxy",
                    "start",
                    "--foreground",
                )
                try await eventually("it answers at home") {
                    try await machine.status(of: "https://x.localhost:8443/") == 404 ? () : nil
                }
                #expect(try await ask("https://10.231.7.1:8443/") == 0)
                #expect(try await ask("http://10.231.7.1:8443/") == 0)
                #expect(try await machine.status(of: "https://x.localhost:8443/") == 404)
            }
        }
    }

    @Test func `the log tells no secrets`() async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("proxy", "start")
            let port = try FreePort.next()
            try await sandbox.portless("alias", "dead", String(port))
            let secrets = ["s3cret-cookie", "s3cret-token", "s3cret-query", "s3cret-body"]
            let extra = [
                "-H", "Cookie: id=\(secrets[0])", "-H", "Authorization: Bearer \(secrets[1])", "-d",
                secrets[3],
            ]
            for protocolFlag in ["--http1.1", "--http2"] {
                let response = try await sandbox.start(
                    ["curl", "-ksS", "--noproxy", "*", "-o", "/dev/null", "-w", "%{http_code}"]
                        + [protocolFlag] + extra + [sandbox.url("dead") + "/?token=\(secrets[2])"]
                ).finished()
                #expect(response.output == "502")
            }
            let log = try await eventually("the log mentions the app") {
                let log = sandbox.stateFile("proxy.log")
                return log.contains("dead.localhost") ? log : nil
            }
            let key = sandbox.stateFile("ca-key.pem").split(separator: "\n").dropFirst()
            for secret in secrets + key.map(String.init) {
                #expect(!log.contains(secret))
            }
        }
    }

    @Test func `an old, open state directory is closed to others`() async throws {
        try await Sandbox.with { sandbox in
            try FileManager.default.createDirectory(
                at: sandbox.state,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o755],
            )
            try await sandbox.portless("proxy", "start")
            let modes = try await sandbox.run(
                "stat",
                "-c",
                "%a",
                sandbox.state.path(),
                "\(sandbox.state.path())/ca-key.pem",
                "\(sandbox.state.path())/proxy.log",
            )
            #expect(modes == "711\n600\n600\n")
        }
    }

    @Test(.enabled(if: PrivateMachine.isPossible, "only root can make users"))
    func `another user's directory is refused`() async throws {
        try await PrivateMachine.with { machine in
            try await machine.runAsRoot("install", "-d", "-m", "0777", "/tmp/\(machine.name)")
            let start = try await machine.portless(
                "proxy",
                "start",
                environment: ["PORTLESS_STATE_DIR": "/tmp/\(machine.name)"],
            )
            #expect(start.status == 1)
            #expect(start.talk.contains("belongs to root"))
            // Root without sudo is no exception: it might be led there.
            let root = try await machine.startAsRoot(
                "env",
                "PORTLESS_STATE_DIR=\(machine.home)",
                machine.binary,
                "proxy",
                "start",
            ).finished()
            #expect(root.status == 1)
            #expect(root.talk.contains("belongs to another user"))
            try await machine.runAsRoot("rmdir", "/tmp/\(machine.name)")
        }
    }

    @Test(.enabled(if: !FileManager.default.fileExists(atPath: "/tmp/portless")))
    func `a directory that any user could have planted is never read`() async throws {
        try await Sandbox.with { sandbox in
            let original = try sandbox.start([
                "python3", Apps.path("original-proxy.py"), String(sandbox.port),
            ])
            defer { original.send(SIGKILL) }
            let planted = URL(filePath: "/tmp/portless")
            try FileManager.default.createDirectory(
                at: planted,
                withIntermediateDirectories: false,
            )
            defer { try? FileManager.default.removeItem(at: planted) }
            let route = "[{\"hostname\": \"evil.localhost\", \"port\": 5666, \"pid\": 0}]"
            for (name, text) in [("proxy.port", "\(sandbox.port)"), ("routes.json", route)] {
                try Data(text.utf8).write(to: planted.appending(path: name))
            }
            let home = ["PORTLESS_STATE_DIR": "", "PORTLESS_PORT": ""]
            let get = try await sandbox.portless("get", "myapp", environment: home)
            #expect(get.status == 0)
            #expect(!get.output.contains(":\(sandbox.port)"))
            let list = try await sandbox.portless("list", environment: home)
            #expect(!list.output.contains("evil"))
        }
    }

    /// Connects a second machine by a cable; `body` gets a way to ask from there, which tells the
    /// status, or 0 where nothing answers.
    private func withNeighbour(
        of machine: PrivateMachine,
        _ body: ((String) async throws -> Int) async throws -> Void,
    ) async throws {
        let (own, other) = (machine.name, "\(machine.name)-n")
        let sandbox = machine.sandbox
        try await sandbox.run("ip", "netns", "add", other)
        var failure: (any Error)?
        do {
            for words in [
                "-n \(own) link add cable type veth peer name cable netns \(other)",
                "-n \(own) addr add 10.231.7.1/24 dev cable",
                "-n \(own) addr add fd00:231::1/64 dev cable nodad",
                "-n \(own) link set cable up",
                "-n \(other) addr add 10.231.7.2/24 dev cable",
                "-n \(other) addr add fd00:231::2/64 dev cable nodad",
                "-n \(other) link set cable up",
            ] {
                try await sandbox.run(["ip"] + words.split(separator: " ").map(String.init))
            }
            try await body { url in
                let asked = try await sandbox.start([
                    "ip", "netns", "exec", other, "curl", "-ksS", "--noproxy", "*", "--max-time",
                    "5", "-o", "/dev/null", "-w", "%{http_code}", url,
                ]).finished()
                return Int(asked.output) ?? 0
            }
        } catch {
            failure = error
        }
        _ = try? await sandbox.run("ip", "netns", "delete", other)
        if let failure { throw failure }
    }
}
