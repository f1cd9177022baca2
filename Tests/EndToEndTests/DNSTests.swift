import Foundation
import Testing

extension EndToEnd {
    /// `portless dns`, with a folder in the place of the machine's resolver.
    @Suite struct DNSTests {}
}

extension EndToEnd.DNSTests {
    /// A sandbox whose machine has systemd-resolved, as far as files tell.
    private func withResolver(_ body: (Sandbox, URL) async throws -> Void) async throws {
        let machine = URL(filePath: "/tmp/portless-e2e-dns-\(UUID().uuidString.prefix(8))")
        let folder = machine.appending(path: "etc/systemd/resolved.conf.d")
        for folder in [machine.appending(path: "run/systemd/resolve"), folder] {
            try FileManager.default.createDirectory(
                at: folder,
                withIntermediateDirectories: true,
            )
        }
        defer { try? FileManager.default.removeItem(at: machine) }
        let changes = ["PORTLESS_RESOLVER_ROOT": machine.path(), "PORTLESS_TLD": "test"]
        try await Sandbox.with(changes) { sandbox in
            try await body(sandbox, folder.appending(path: "portless.conf"))
        }
    }

    private func ask(_ port: Int, _ names: [String], in sandbox: Sandbox) async throws -> String {
        let words = ["python3", Apps.path("dns-query.py"), String(port)] + names
        return try await sandbox.start(words).finished().output
    }

    @Test func `every program is told the names, through crashes and restarts`() async throws {
        try await withResolver { sandbox, file in
            let port = try FreePort.next()
            let install = try await sandbox.portless("dns", "install", "-p", "\(port)")
            #expect(install.status == 0)
            #expect(install.output == "systemd-resolved asks Portless for .test from now on.\n")
            let text = try String(contentsOf: file, encoding: .utf8)
            #expect(text.contains("DNS=127.0.0.1:\(port)\nDomains=~test\n"))
            let names = ["shop.test", "a.b.TEST", "example.com"]
            let answers = """
                shop.test 127.0.0.1 ::1
                a.b.TEST 127.0.0.1 ::1
                example.com code 5

                """
            #expect(try await ask(port, names, in: sandbox) == answers)

            let daemon = try #require(sandbox.proxyDaemonID)
            kill(daemon, SIGKILL)
            try await eventually("another proxy") {
                sandbox.proxyDaemonID.flatMap { $0 == daemon ? nil : $0 }
            }
            try await eventually("status is well") {
                try await sandbox.portless("dns", "status").status == 0 ? true : nil
            }
            #expect(try await ask(port, names, in: sandbox) == answers)

            #expect(try await sandbox.portless("proxy", "restart").status == 0)
            #expect(try await ask(port, names, in: sandbox) == answers)
            let again = try await sandbox.portless("dns", "install")
            #expect(again.output == "systemd-resolved already asks Portless for .test.\n")

            #expect(try await sandbox.portless("dns", "uninstall").status == 0)
            #expect(!FileManager.default.fileExists(atPath: file.path()))
            let status = try await sandbox.portless("dns", "status", "--json")
            #expect(status.status == 1)
            #expect(status.output.contains(#""answers": false"#))
        }
    }

    @Test func `another author's file and another program's port stay theirs`() async throws {
        try await withResolver { sandbox, file in
            let port = try FreePort.next()
            try Data("[Resolve]\nDNS=1.1.1.1\n".utf8).write(to: file)
            let occupied = try await sandbox.portless("dns", "install", "-p", "\(port)")
            #expect(occupied.status == 1)
            #expect(occupied.talk.contains("\(file.path()) exists and isn't of our making."))
            #expect(try String(contentsOf: file, encoding: .utf8).contains("1.1.1.1"))

            let other = try FreePort.next()
            let program = """
                import socket, time
                s = socket.create_server(("127.0.0.1", \(other)))
                print("listening", flush=True)
                time.sleep(90)
                """
            let holder = try sandbox.start(["python3", "-c", program])
            try await eventually("the port is taken") { holder.output.isEmpty ? nil : true }
            let taken = try await sandbox.portless("dns", "install", "-p", "\(other)")
            let sentence = "python3 (\(holder.processID)) listens on port \(other)."
            #expect(taken.status == 1 && taken.talk.contains(sentence))
            #expect(try await ask(port, ["shop.test"], in: sandbox) == "shop.test 127.0.0.1 ::1\n")
            for wrong in ["0", "53", "65536", "x", "-1"] {
                let result = try await sandbox.portless("dns", "install", "--port=\(wrong)")
                #expect(result.status != 0)
                #expect(result.talk.contains("Invalid port \"\(wrong)\"."))
            }
        }
    }

    @Test func `clean takes the resolver's file away`() async throws {
        try await withResolver { sandbox, file in
            let port = try FreePort.next()
            #expect(try await sandbox.portless("dns", "install", "-p", "\(port)").status == 0)
            #expect(try await sandbox.portless("clean").status == 0)
            #expect(!FileManager.default.fileExists(atPath: file.path()))
        }
    }
}
