import Foundation
import Testing

extension EndToEnd {
    /// The directory is shared with the npm original, whose habits have to be lived with.
    @Suite struct StateTests {}
}

extension EndToEnd.StateTests {
    /// Truncates and writes, as the original does.
    private func writeInPlace(_ text: String, _ sandbox: Sandbox) throws {
        let file = sandbox.state.appending(path: "routes.json").path()
        let handle = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        try #require(handle >= 0)
        defer { close(handle) }
        #expect(write(handle, text, text.utf8.count) == text.utf8.count)
    }

    private func entry(_ name: String, _ port: Int, pid: Int32, more: String = "") -> String {
        """
        {
            "hostname": "\(name).localhost",
            "port": \(port),
            "pid": \(pid)\(more)
          }
        """
    }

    @Test func `a route written by hand in place is served by the very next request`() async throws
    {
        try await Sandbox.with { sandbox in
            let port = try FreePort.next()
            try sandbox.write("by hand", to: "index.html")
            _ = try sandbox.start(
                ["python3", "-m", "http.server", "--bind", "127.0.0.1", String(port)]
            )
            try await sandbox.portless("proxy", "start")
            try await sandbox.answer("http://127.0.0.1:\(port)/")
            for name in ["one", "two", "three"] {
                try writeInPlace("[\n  \(entry(name, port, pid: 0))\n]", sandbox)
                let response = try await sandbox.curl(sandbox.url(name))
                #expect(response.status == 200)
                #expect(response.body.contains("by hand"))
            }
            // A name without a route gets no certificate of its own.
            #expect(try await sandbox.curl(sandbox.url("one"), "-k").status == 404)
        }
    }

    @Test func `while the original's proxy runs, routes are written into the file that it watches`()
        async throws
    {
        try await Sandbox.with { sandbox in
            func inode() throws -> Int {
                let file = sandbox.state.appending(path: "routes.json").path()
                let attributes = try FileManager.default.attributesOfItem(atPath: file)
                return try #require(attributes[.systemFileNumber] as? Int)
            }
            try await sandbox.portless("alias", "first", "5001")
            let before = try inode()
            try await sandbox.portless("alias", "second", "5002")
            #expect(try inode() != before)
            // The original leaves its PID, and no record of ours.
            let pid = String(ProcessInfo.processInfo.processIdentifier)
            try Data(pid.utf8).write(to: sandbox.state.appending(path: "proxy.pid"))
            let watched = try inode()
            try await sandbox.portless("alias", "third", "5003")
            #expect(try inode() == watched)
            #expect(sandbox.stateFile("routes.json").contains("third.localhost"))
            try FileManager.default.removeItem(at: sandbox.state.appending(path: "proxy.pid"))
        }
    }

    @Test func `a half-written file changes nothing and is never overwritten`() async throws {
        try await Sandbox.with { sandbox in
            _ = try sandbox.startPortless("myapp", "node", Apps.path("node-http.js"))
            try await sandbox.answer(sandbox.url("myapp"))
            let whole = sandbox.stateFile("routes.json")
            let half = String(whole.prefix(whole.count / 2))
            try writeInPlace(half, sandbox)
            #expect(try await sandbox.curl(sandbox.url("myapp")).status == 200)
            let list = try await sandbox.portless("list")
            #expect(list.status == 1)
            #expect(list.talk.contains("routes.json"))
            let alias = try await sandbox.portless("alias", "other", "5000")
            #expect(alias.status == 1)
            #expect(sandbox.stateFile("routes.json") == half)
            try writeInPlace(whole, sandbox)
            #expect(try await sandbox.portless("list").output.contains("myapp.localhost"))
        }
    }

    @Test func `unknown fields and entries survive our writes`() async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("alias", "first", "5001")
            let odd = entry("odd", 5002, pid: 0, more: ",\n    \"color\": \"green\"")
            try writeInPlace("[\n  \(odd)\n]", sandbox)
            try await sandbox.portless("alias", "second", "5003")
            let text = sandbox.stateFile("routes.json")
            #expect(text.contains("\"color\": \"green\""))
            #expect(text.contains("second.localhost"))
            #expect(!text.hasSuffix("\n"))
        }
    }

    @Test func `a fresh foreign lock is waited for`() async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("alias", "first", "5001")
            let lock = sandbox.state.appending(path: "routes.lock")
            try FileManager.default.createDirectory(
                at: lock,
                withIntermediateDirectories: false,
            )
            let alias = try sandbox.startPortless("alias", "second", "5002")
            // Nothing shows that it waits but that it doesn't end.
            try await Task.sleep(for: .milliseconds(500))
            #expect(alias.status == nil)
            try FileManager.default.removeItem(at: lock)
            #expect(try await alias.finished().status == 0)
            #expect(sandbox.stateFile("routes.json").contains("second.localhost"))
        }
    }

    @Test func `a stale foreign lock is taken over`() async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("alias", "first", "5001")
            let lock = sandbox.state.appending(path: "routes.lock")
            try FileManager.default.createDirectory(
                at: lock,
                withIntermediateDirectories: false,
            )
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -60)],
                ofItemAtPath: lock.path(),
            )
            #expect(try await sandbox.portless("alias", "second", "5002").status == 0)
            #expect(!FileManager.default.fileExists(atPath: lock.path()))
        }
    }

    @Test func `dead owners are dropped, living ones and aliases stay`() async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("alias", "alias", "5001")
            let dead = try sandbox.start(["true"])
            _ = try await dead.finished()
            let living = ProcessInfo.processInfo.processIdentifier
            let entries = [
                entry("dead", 5002, pid: dead.processID), entry("living", 5003, pid: living),
                entry("alias", 5001, pid: 0),
            ]
            try writeInPlace("[\n  \(entries.joined(separator: ",\n  "))\n]", sandbox)
            let list = try await sandbox.portless("list").output
            #expect(!list.contains("dead.localhost"))
            #expect(list.contains("living.localhost"))
            #expect(list.contains("(alias)"))
        }
    }

    @Test func `a run has its names again after the state directory was deleted`() async throws {
        try await Sandbox.with(["PORTLESS_HTTPS": "0"]) { sandbox in
            let url = sandbox.url("shop", scheme: "http")
            let run = try sandbox.startPortless("shop", "node", Apps.path("node-http.js"))
            func isServed(_ isServed: Bool) async throws {
                try await eventually("the name is \(isServed ? "there" : "gone")") {
                    let result = try await sandbox.start(["curl", "-sS", "-o", "-", url]).finished()
                    return result.output.contains("node-http") == isServed ? () : nil
                }
            }
            try await isServed(true)
            try FileManager.default.removeItem(at: sandbox.state)
            try await isServed(false)
            try await isServed(true)
            #expect(run.talk.contains("they are back"))
            run.send(SIGTERM)
            _ = try await run.finished()
            #expect(sandbox.stateFile("routes.json") == "[]")
        }
    }

    @Test func `two hundred registrations at once all succeed`() async throws {
        try await Sandbox.with { sandbox in
            let programs = try (1...200).map { number in
                try sandbox.startPortless("alias", "app\(number)", String(20_000 + number))
            }
            for program in programs {
                let result = try await program.finished(within: .seconds(120))
                #expect(result.status == 0, "\(result.talk)")
            }
            let list = try await sandbox.portless("list").output
            #expect(list.matches(of: /app\d+\.localhost/).count == 200)
        }
    }

    @Test func `secrets are private, and the directory shows its list to its owner only`()
        async throws
    {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("proxy", "start")
            func mode(_ path: URL) throws -> Int {
                let attributes = try FileManager.default.attributesOfItem(atPath: path.path())
                return try #require(attributes[.posixPermissions] as? Int)
            }
            #expect(try mode(sandbox.state) == 0o711)
            #expect(try mode(sandbox.state.appending(path: "ca-key.pem")) == 0o600)
            #expect(try mode(sandbox.state.appending(path: "ca.pem")) == 0o644)
        }
    }
}
