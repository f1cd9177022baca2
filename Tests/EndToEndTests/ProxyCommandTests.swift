import Foundation
import Testing

extension EndToEnd {
    @Suite struct ProxyCommandTests {}
}

extension EndToEnd.ProxyCommandTests {
    @Test func `start, start again, stop, stop again`() async throws {
        try await Sandbox.with { sandbox in
            let start = try await sandbox.portless("proxy", "start")
            #expect(start.status == 0)
            #expect(start.output.contains("HTTPS/2 proxy started on port \(sandbox.port)"))
            #expect(sandbox.stateFile("proxy.port") == String(sandbox.port))
            #expect(sandbox.stateFile("proxy.tls") == "1")
            let proxy = try #require(sandbox.proxyID)
            #expect(ProcessTable.exists(proxy))

            let again = try await sandbox.portless("proxy", "start")
            #expect(again.status == 0)
            #expect(again.output.contains("already running"))
            #expect(sandbox.proxyID == proxy)

            let stop = try await sandbox.portless("proxy", "stop")
            #expect(stop.status == 0)
            #expect(stop.output.contains("Proxy stopped"))
            #expect(!ProcessTable.exists(proxy))
            #expect(sandbox.stateFile("proxy.pid") == "")
            #expect(sandbox.stateFile("proxy.tls") == "")

            let stopped = try await sandbox.portless("proxy", "stop")
            #expect(stopped.status == 0)
            #expect(stopped.output.contains("not running"))
        }
    }

    @Test func `a different configuration than the running one is refused`() async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("proxy", "start")
            let plain = try await sandbox.portless("proxy", "start", "--no-tls")
            #expect(plain.status == 1)
            #expect(plain.talk.contains("different config"))
            let tld = try await sandbox.portless(
                "myapp",
                "true",
                environment: ["PORTLESS_TLD": "test"],
            )
            #expect(tld.status == 1)
            #expect(tld.talk.contains("test"))
        }
    }

    @Test func `other TLDs and wildcards route`() async throws {
        try await Sandbox.with { sandbox in
            let start = try await sandbox.portless(
                "proxy",
                "start",
                "--tld",
                "test,dev.test",
                "--tld",
                "localhost",
                "--wildcard",
            )
            #expect(start.status == 0, "\(start.talk)")
            #expect(sandbox.stateFile("proxy.tlds") == "test\ndev.test\nlocalhost\n")
            #expect(sandbox.stateFile("proxy.tld") == "test")
            _ = try sandbox.startPortless("myapp", "node", Apps.path("node-http.js"))
            for host in ["myapp.test", "myapp.dev.test", "tenant.myapp.test"] {
                try await eventually("200 from \(host)") {
                    let response = try? await sandbox.curl(
                        "https://\(host):\(sandbox.port)",
                        "--resolve",
                        "\(host):\(sandbox.port):127.0.0.1",
                    )
                    return response?.status == 200 ? () : nil
                }
            }
            let get = try await sandbox.portless("get", "myapp")
            #expect(get.output == "https://myapp.test:\(sandbox.port)\n")
        }
    }

    @Test func `a certificate of one's own is used for all names`() async throws {
        try await Sandbox.with { sandbox in
            let own = sandbox.project
            let made = try await sandbox.start([
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-nodes", "-days", "2", "-subj", "/CN=own", "-addext",
                "subjectAltName=DNS:own.localhost", "-keyout", "key.pem", "-out", "cert.pem",
            ]).finished()
            try #require(made.status == 0)
            let start = try await sandbox.portless(
                "proxy",
                "start",
                "--cert",
                "cert.pem",
                "--key",
                "key.pem",
            )
            #expect(start.status == 0, "\(start.talk)")
            #expect(sandbox.stateFile("proxy.custom-cert") == "1")
            _ = try sandbox.startPortless("own", "node", Apps.path("node-http.js"))
            try await eventually("200 under our own certificate") {
                let response = try? await sandbox.curl(
                    sandbox.url("own"),
                    "--cacert",
                    own.appending(path: "cert.pem").path(),
                )
                return response?.status == 200 ? () : nil
            }
        }
    }

    @Test func `a proxy in the foreground serves until it is told to stop`() async throws {
        try await Sandbox.with { sandbox in
            let proxy = try sandbox.startPortless("proxy", "start", "--foreground", "--no-tls")
            try await proxy.waitForTalk("proxy listening")
            #expect(sandbox.proxyID == proxy.processID)
            #expect(try await sandbox.curl(sandbox.url("x", scheme: "http")).status == 404)
            proxy.send(SIGINT)
            #expect(try await proxy.finished().status == 0)
            #expect(sandbox.stateFile("proxy.pid") == "")
        }
    }

    @Test(arguments: ["--https", "--no-tls"])
    func `the proxy proves to the original's commands which state it serves`(
        flag: String
    ) async throws {
        try await Sandbox.with { sandbox in
            let start = try await sandbox.portless("proxy", "start", flag)
            #expect(start.status == 0, "\(start.talk)")
            let asked = try await sandbox.start([
                "python3", "-c",
                """
                import hashlib, hmac, http.client, os, sys
                file = sys.argv[2]
                token, challenge = open(file).read(), "0f" * 32
                def ask(method, path, fields):
                    connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
                    connection.request(method, path, headers=fields)
                    return connection.getresponse()
                answer = ask("HEAD", "/", {"x-portless-hosts-sync-challenge": challenge})
                proof = hmac.new(token.encode(), challenge.encode(), hashlib.sha256).hexdigest()
                print(oct(os.stat(file).st_mode)[-3:], len(token),
                    answer.headers["x-portless-hosts-sync-proof"] == proof,
                    ask("POST", "/.portless/hosts-sync",
                        {"x-portless-hosts-sync-token": token}).status,
                    ask("POST", "/.portless/hosts-sync",
                        {"x-portless-hosts-sync-token": "0" * 64}).status)
                """, String(sandbox.port),
                sandbox.state.appending(path: "proxy.hosts-sync-token").path(),
            ]).finished()
            #expect(asked.output == "600 64 True 409 401\n", "\(asked.talk)")
            #expect(try await sandbox.portless("proxy", "stop").status == 0)
            #expect(sandbox.stateFile("proxy.hosts-sync-token") == "")
        }
    }

    @Test func `a port that something else holds is named with its holder`() async throws {
        try await Sandbox.with { sandbox in
            let other = try sandbox.start([
                "python3", "-m", "http.server", "--bind", "127.0.0.1", String(sandbox.port),
            ])
            try await sandbox.answer("http://127.0.0.1:\(sandbox.port)")
            let start = try await sandbox.portless("proxy", "start")
            #expect(start.status == 1)
            #expect(start.talk.contains("port \(sandbox.port)"))
            #expect(other.status == nil)
        }
    }

    @Test func `list, get and alias work without a proxy`() async throws {
        try await Sandbox.with { sandbox in
            #expect(try await sandbox.portless("list").output.contains("No active routes"))
            let get = try await sandbox.portless("get", "api.myapp")
            #expect(get.output == "https://api.myapp.localhost:\(sandbox.port)\n")
            #expect(try await sandbox.portless("alias", "db", "5432").status == 0)
            let list = try await sandbox.portless("list").output
            #expect(
                list.contains(
                    "  https://db.localhost:\(sandbox.port)  ->  localhost:5432  (alias)\n"
                )
            )
            let json = try await sandbox.portless("list", "--json").output
            #expect(json.contains("\"url\": \"https://db.localhost:\(sandbox.port)\""))
            #expect(try await sandbox.portless("alias", "--remove", "db").status == 0)
            #expect(try await sandbox.portless("list").output.contains("No active routes"))
            #expect(sandbox.proxyID == nil)
        }
    }
}
