import Foundation
import Testing

extension EndToEnd {
    /// `portless service`, and what a service manager does with the daemons.
    @Suite struct ServiceTests {}
}

#if os(Linux)
extension EndToEnd.ServiceTests {
    private func withSystemd(
        _ body: (Sandbox, FakeSystemd) async throws -> Void
    ) async throws {
        try await Sandbox.with { sandbox in
            let systemd = try FakeSystemd(sandbox)
            var sandbox = sandbox
            sandbox.environment.merge(systemd.environment) { $1 }
            try await body(sandbox, systemd)
        }
    }

    private func unit(_ name: String, of sandbox: Sandbox) -> URL {
        sandbox.root.appending(path: "home/.config/systemd/user/\(name)")
    }

    private func exists(_ file: URL) -> Bool {
        FileManager.default.fileExists(atPath: file.path())
    }

    private func status(_ sandbox: Sandbox) async throws -> [[String: Any]] {
        let result = try await sandbox.portless("service", "status", "--json")
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
        return try #require((object as? [String: Any])?["services"] as? [[String: Any]])
    }

    @Test func `the proxy is a service, is replaced in place, and ends with clean`() async throws {
        try await withSystemd { sandbox, systemd in
            // One that runs already makes room.
            #expect(try await sandbox.portless("proxy", "start").status == 0)
            let install = try await sandbox.portless("service", "install", "--tld", "test")
            #expect(install.status == 0, "\(install.talk)")
            let file = unit("portless.service", of: sandbox)
            #expect(install.output == "The proxy is a service now: \(file.path())\n")
            let main = try #require(systemd.process(of: "portless.service"))
            #expect(sandbox.proxyID == main)

            let service = try #require(try await status(sandbox).first)
            for key in ["enabled", "active", "answers", "programExists"] {
                #expect(service[key] as? Bool == true, "\(key)")
            }
            #expect(service["scope"] as? String == "user")
            #expect(service["unit"] as? String == file.path())
            let settings = try #require(service["settings"] as? [String: Any])
            #expect(settings["port"] as? Int == sandbox.port)
            #expect(settings["tlds"] as? [String] == ["test"])

            let daemon = try #require(sandbox.proxyDaemonID)
            #expect(try await sandbox.portless("proxy", "restart").status == 0)
            #expect(sandbox.proxyID == main && sandbox.proxyDaemonID != daemon)

            let stop = try await sandbox.portless("proxy", "stop")
            #expect(stop.talk.contains("portless service uninstall"))
            let after = try #require(try await status(sandbox).first)
            #expect(after["active"] as? Bool == false && after["enabled"] as? Bool == true)

            // A second installation takes the first one's place.
            #expect(try await sandbox.portless("service", "install", "--no-tls").status == 0)
            #expect(try await status(sandbox).first?["answers"] as? Bool == true)
            #expect(sandbox.stateFile("proxy.tls").isEmpty)
            #expect(try await sandbox.portless("doctor").output.contains("The proxy is a service"))
            let clean = try await sandbox.portless("clean")
            #expect(clean.status == 0, "\(clean.talk)")
            #expect(!exists(file) && sandbox.proxyID == nil)
            #expect(try await status(sandbox).isEmpty)
        }
    }

    @Test func `apps go on while the server's service stops and starts`() async throws {
        try await withSystemd { sandbox, systemd in
            _ = try sandbox.leaseFromOwnRange()
            let install = try await sandbox.portless("service", "install", "server")
            #expect(install.status == 0, "\(install.talk)")
            #expect(try await sandbox.portless("server", "status").status == 0)
            let app = ["run", "--detach", "--name", "shop", "node", Apps.path("node-http.js")]
            #expect(try await sandbox.start([Binary.path] + app).finished().status == 0)
            let first = try #require(systemd.process(of: "portless-server.service"))
            let restart = ["systemctl", "--user", "restart", "portless-server.service"]
            #expect(try await sandbox.start(restart).finished().status == 0)
            #expect(systemd.process(of: "portless-server.service") != first)
            let list = try await sandbox.portless("ps", "--json")
            #expect(list.output.contains(#""online""#), "\(list.output)")

            let uninstall = try await sandbox.portless("service", "uninstall", "server")
            #expect(uninstall.output.contains("The server is no service any more"))
            #expect(!exists(unit("portless-server.service", of: sandbox)))
            let again = try await sandbox.portless("service", "uninstall")
            #expect(again.status == 0 && again.output == "No service is installed.\n")
            #expect(try await sandbox.portless("down", "shop").status == 0)
            #expect(try await sandbox.portless("server", "stop").status == 0)
        }
    }

    @Test func `a moved program is told, and another directory's service stays`() async throws {
        try await withSystemd { sandbox, systemd in
            let moved = sandbox.root.appending(path: "portless")
            try FileManager.default.createSymbolicLink(
                atPath: moved.path(),
                withDestinationPath: Binary.path,
            )
            let install = try await sandbox.start([moved.path(), "service", "install"]).finished()
            #expect(install.status == 0, "\(install.talk)")
            let file = unit("portless.service", of: sandbox)
            // The link that was called, and not what it leads to.
            let text = try String(contentsOf: file, encoding: .utf8)
            #expect(text.contains("ExecStart=\(moved.path()) proxy start"))
            try FileManager.default.removeItem(at: moved)
            let status = try await sandbox.portless("service", "status")
            #expect(status.talk.contains("\(moved.path()), which isn't there any more"))
            let doctor = try await sandbox.portless("doctor")
            #expect(doctor.status == 1)
            #expect(doctor.output.contains("portless service install proxy"))

            let other = ["PORTLESS_STATE_DIR": sandbox.root.appending(path: "other").path()]
            let clean = try await sandbox.portless("clean", environment: other)
            #expect(clean.status == 0 && exists(file))
            #expect(try await sandbox.portless("service", "uninstall").status == 0)
        }
    }

    @Test func `where no systemd runs, one sentence says so and nothing is left`() async throws {
        try await withSystemd { sandbox, systemd in
            try systemd.set(answers: false)
            let result = try await sandbox.portless("service", "install")
            #expect(result.status == 1)
            let sentence =
                "Error: systemd doesn't run here (Failed to connect to bus: No medium found)"
            #expect(result.talk.hasPrefix(sentence), "\(result.talk)")
            #expect(!exists(unit("portless.service", of: sandbox)) && sandbox.proxyID == nil)
            for (arguments, words) in [
                (["install", "sever"], "no service \"sever\""),
                (["install", "--user", "--system"], "exclude each other"),
                (["install", "server", "-p", "1355"], "The server takes none of these flags."),
                (["install", "-p", "0"], "Invalid port"), (["install", "--prot", "1"], "--prot"),
                (["install", "--cert", "a.pem"], "belong together"),
                (["install", "--cert", "a.pem", "--key", "b.pem"], "There is no file"),
                (["install", "--state-dir", "a\nb", "--print"], "control character"),
                (["uninstall", "all"], "no service \"all\""),
                (["restart"], "Unknown service subcommand"),
            ] {
                let call = [Binary.path, "service"] + arguments
                let result = try await sandbox.start(call).finished()
                #expect(result.status == 1 && result.output.isEmpty, "\(arguments)")
                #expect(result.talk.contains(words), "\(arguments): \(result.talk)")
            }
            let files = FileManager.default.enumerator(atPath: sandbox.root.path())
            #expect(files?.contains { "\($0)".hasSuffix(".service") } == false)
        }
    }

    @Test(.enabled(if: ServiceTools.has("systemd-analyze")))
    func `systemd itself finds nothing wrong with the units`() async throws {
        try await Sandbox.with { sandbox in
            let folder = sandbox.root.appending(path: "a b%h größe")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let program = folder.appending(path: "portless").path(percentEncoded: false)
            try FileManager.default.createSymbolicLink(
                atPath: program,
                withDestinationPath: Binary.path,
            )
            for (index, arguments) in [
                ["--system", "-p", "443"], ["proxy", "server", "--tld", "a.b", "--tld", "c"],
                ["--system", "--state-dir", "$HOME/50%/it's", "--wildcard"],
            ].enumerated() {
                let call = [program, "service", "install", "--print"] + arguments
                let printed = try await sandbox.start(call).finished()
                #expect(printed.status == 0, "\(printed.talk)")
                let units = sandbox.root.appending(path: "units-\(index)")
                try FileManager.default.createDirectory(
                    at: units,
                    withIntermediateDirectories: true,
                )
                var paths: [String] = []
                for part in ("\n" + printed.output).components(separatedBy: "\n# /").dropFirst() {
                    let lines = part.split(separator: "\n", maxSplits: 1)
                    let file = units.appending(
                        path: URL(filePath: "/\(lines[0])").lastPathComponent
                    )
                    try Data(lines[1].utf8).write(to: file)
                    paths.append(file.path(percentEncoded: false))
                }
                #expect(paths.count == (index == 1 ? 2 : arguments.contains("443") ? 3 : 2))
                let verify = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no"]
                let result = try await sandbox.start(verify + paths).finished()
                #expect(result.status == 0, "\(result.talk)")
                let complaints = result.talk.split(separator: "\n")
                    .filter { $0.contains("portless") }
                #expect(complaints.isEmpty, "\(complaints)")
            }
            #expect(!exists(sandbox.state))
        }
    }

    @Test(.enabled(if: ServiceTools.has("systemd-socket-activate")))
    func `on sockets of systemd's the proxy serves, survives and ends in order`() async throws {
        try await Sandbox.with { sandbox in
            let script = ["python3", Apps.path("socket-activated.py")]
            let arguments = [sandbox.state.path(), String(sandbox.port), Binary.path]
            let result = try await sandbox.start(script + arguments).finished(within: .seconds(90))
            #expect(result.output.hasSuffix("passed\n"), "\(result.output)\(result.talk)")
            #expect(sandbox.proxyID == nil)
        }
    }
}
#endif

enum ServiceTools {
    static func has(_ program: String) -> Bool {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
    }
}
