import Foundation
import Testing

extension EndToEnd {
    /// Ports 443 and 80 without a proxy that is root: as a user made for the test, in a network
    /// of its own.
    @Suite(.enabled(if: PrivateMachine.isPossible, "only root can make users and networks"))
    struct PrivilegeTests {}
}

extension EndToEnd.PrivilegeTests {
    @Test func `at a terminal one sudo gets 443 and 80, and the proxy is the user's for good`()
        async throws
    {
        try await PrivateMachine.with { machine in
            let start = try await machine.portless("proxy", "start", atTerminal: true)
            #expect(start.status == 0)
            #expect(start.output.contains("HTTPS/2 proxy started on port 443"))
            #expect(try await machine.status(of: "https://x.localhost/") == 404)
            #expect(try await machine.status(of: "https://[::1]/") == 404)
            #expect(try await machine.status(of: "http://x.localhost/") == 302)
            try expectIrreversible(machine)
            try await expectFilesOfUser(machine)

            let stop = try await machine.portless("proxy", "stop")
            #expect(stop.output.contains("Proxy stopped"))
            #expect(try await machine.status(of: "https://x.localhost/") == 0)
        }
    }

    @Test func `sudo's password is asked for once, with a second try, and says what for`()
        async throws
    {
        try await PrivateMachine.with(sudo: .everythingWithPassword) { machine in
            let start = try await machine.portless(
                "proxy",
                "start",
                atTerminal: true,
                environment: ["TYPED": "wrong\n\(PrivateMachine.password)"],
            )
            #expect(start.status == 0, "\(start.output)")
            #expect(start.output.components(separatedBy: "password for").count == 3)
            #expect(start.output.contains("proxy started on port 443"))
            #expect(try await machine.status(of: "https://x.localhost/") == 404)
            try expectIrreversible(machine)
            try await expectFilesOfUser(machine)
        }
    }

    @Test func `a password that the user doesn't know means 1355`() async throws {
        try await PrivateMachine.with(sudo: .everythingWithPassword) { machine in
            let start = try await machine.portless(
                "proxy",
                "start",
                atTerminal: true,
                environment: ["TYPED": "wrong\nwrong\nwrong"],
            )
            #expect(start.status == 0, "\(start.output)")
            #expect(start.output.contains("proxy started on port 1355"), "\(start.output)")
        }
    }

    @Test func `the same by hand with sudo, from the same state directory`() async throws {
        try await PrivateMachine.with { machine in
            let start = try await machine.startAsUser([
                "sudo", machine.binary, "proxy", "start",
            ]).finished()
            #expect(start.status == 0, "\(start.talk)")
            #expect(start.output.contains("proxy started on port 443"))
            try expectIrreversible(machine)
            try await expectFilesOfUser(machine)
            let again = try await machine.portless("proxy", "start", atTerminal: true)
            #expect(again.output.contains("already running"))
            // As root it is the user's proxy, too.
            let stop = try await machine.startAsUser([
                "sudo", machine.binary, "proxy", "stop",
            ]).finished()
            #expect(stop.output.contains("Proxy stopped"))
            try await expectFilesOfUser(machine)
        }
    }

    @Test func `a restart keeps 443 without asking again`() async throws {
        try await PrivateMachine.with { machine in
            try await machine.portless("proxy", "start", atTerminal: true)
            let old = try #require(machine.proxyDaemonID)
            try await machine.runAsRoot("rm", "/etc/sudoers.d/\(machine.name)")
            let restart = try await machine.portless("proxy", "restart")
            #expect(restart.output.contains("Proxy restarted on port 443"), "\(restart.talk)")
            #expect(machine.proxyDaemonID != old)
            #expect(try await machine.status(of: "https://x.localhost/") == 404)
            #expect(try await machine.status(of: "http://x.localhost/") == 302)
            try expectIrreversible(machine)
            try await expectFilesOfUser(machine)
        }
    }

    @Test func `an app run with sudo leaves the proxy to the user`() async throws {
        try await PrivateMachine.with { machine in
            let app = try machine.startAsUser([
                "sudo", machine.binary, "myapp", "node", Apps.path("node-http.js"),
            ])
            try await eventually("the app answers; \(app.talk)") {
                try await machine.status(of: "https://myapp.localhost/") == 200 ? () : nil
            }
            try expectIrreversible(machine)
            try await expectFilesOfUser(machine)
            app.send(SIGTERM)
        }
    }

    @Test func `sudo portless up gets 443, and all that it starts is the user's`() async throws {
        try await PrivateMachine.with { machine in
            try await machine.sandbox.run(
                "install",
                "-d",
                "-o",
                machine.name,
                "\(machine.home)/shop",
            )
            try "web: exec python3 -m http.server $PORT\n".write(
                toFile: "\(machine.home)/shop/Procfile",
                atomically: true,
                encoding: .utf8,
            )
            let up = try await machine.startAsUser([
                "sh", "-c", "cd shop && sudo \(machine.binary) up",
            ]).finished()
            #expect(up.status == 0, "\(up.talk)")
            #expect(up.talk.contains("run as \(machine.name), not as root"))
            #expect(try await machine.status(of: "https://shop.localhost/") == 200)
            let roots = try await machine.runAsRoot("ps", "-o", "pid=", "-u", "root")
            let inside = try await machine.sandbox.run("ip", "netns", "pids", machine.name)
            let own = Set(inside.split(separator: "\n"))
            #expect(own.count >= 4)
            #expect(own.isDisjoint(with: roots.output.split { $0.isWhitespace }))
            try await expectFilesOfUser(machine)
            #expect(try await machine.portless("down", "shop").status == 0)
        }
    }

    @Test func `without a terminal, or with CI, sudo isn't asked: 1355, and how to get 443`()
        async throws
    {
        try await PrivateMachine.with { machine in
            for (atTerminal, variables) in [
                (false, [:]), (true, ["CI": "1"]), (true, ["PORTLESS_NO_INPUT": "1"]),
            ] {
                let start = try await machine.portless(
                    "proxy",
                    "start",
                    atTerminal: atTerminal,
                    environment: variables,
                )
                #expect(start.status == 0)
                #expect(start.output.contains("proxy started on port 1355"))
                let lines = (start.output + start.talk).split(whereSeparator: \.isNewline)
                #expect(lines.count == 3, "\(lines)")
                #expect(lines.contains { $0.contains("sudo portless proxy start") })
                #expect(lines.contains { $0.contains("portless trust") })
                #expect(try await machine.status(of: "https://x.localhost:1355/") == 404)
                try await machine.portless("proxy", "stop")
            }
        }
    }

    @Test func `a refused sudo means 1355`() async throws {
        try await PrivateMachine.with(sudo: .nothing) { machine in
            let start = try await machine.portless("proxy", "start", atTerminal: true)
            #expect(start.status == 0)
            #expect(start.output.contains("proxy started on port 1355"))
            try await expectFilesOfUser(machine)
        }
    }

    @Test func `a 443 that was asked for and can't be had is an error with a remedy`() async throws
    {
        try await PrivateMachine.with { machine in
            let start = try await machine.portless("proxy", "start", "-p", "443")
            #expect(start.status == 1)
            #expect(start.talk.contains("port 443"))
            #expect(start.talk.contains("sudo portless proxy start -p 443"))
            #expect(machine.proxyID == nil)

            let other = try machine.startAsRoot("python3", "-m", "http.server", "443")
            try await eventually("another server is there; \(other.talk)") {
                try await machine.status(of: "http://127.0.0.1:443/") == 200 ? () : nil
            }
            let sudo = try await machine.startAsUser([
                "sudo", machine.binary, "proxy", "start", "-p", "443",
            ]).finished()
            #expect(sudo.status == 1)
            #expect(sudo.talk.contains("port 443"))
            #expect(other.status == nil)
        }
    }

    @Test func `where the system allows it, 443 is bound as it is`() async throws {
        try await PrivateMachine.with(sudo: .nothing) { machine in
            try await machine.runAsRoot("sysctl", "-qw", "net.ipv4.ip_unprivileged_port_start=0")
            let start = try await machine.portless("proxy", "start", "-p", "443")
            #expect(start.status == 0, "\(start.talk)")
            #expect(try await machine.status(of: "https://x.localhost/") == 404)
            #expect(try await machine.status(of: "http://x.localhost/") == 302)
        }
    }

    @Test func `systemd's sockets are taken as they come`() async throws {
        try await PrivateMachine.with { machine in
            _ = try machine.startSockets(
                "-l",
                "127.0.0.1:443",
                "-l",
                "[::1]:443",
                "-l",
                "127.0.0.1:80",
                "setpriv",
                "--reuid",
                machine.name,
                "--regid",
                machine.name,
                "--init-groups",
                "env",
                "HOME=\(machine.home)",
                "PORTLESS_STATE_DIR=",
                "PORTLESS_PORT=",
                machine.binary,
                "proxy",
                "start",
                "--foreground",
            )
            // The first connection starts it, and is answered as well.
            try await eventually("the proxy answers") {
                try await machine.status(of: "https://x.localhost/") == 404 ? () : nil
            }
            #expect(try await machine.status(of: "https://[::1]/") == 404)
            #expect(try await machine.status(of: "http://127.0.0.1/") == 302)
            #expect(machine.stateFile("proxy.port") == "443")
            let list = try await machine.portless("get", "myapp")
            #expect(list.output == "https://myapp.localhost\n")
        }
    }

    @Test func `a program that others can replace is not run as root`() async throws {
        try await PrivateMachine.with { machine in
            try await machine.runAsRoot("chmod", "o+w", "\(machine.home)/bin")
            let start = try await machine.portless("proxy", "start", atTerminal: true)
            #expect(start.status == 0)
            #expect(start.output.contains("proxy started on port 1355"))
        }
    }

    // MARK: What is expected of each such proxy

    /// Nothing in the credentials of the holder and of the proxy leads back to root.
    private func expectIrreversible(_ machine: PrivateMachine) throws {
        for process in [machine.proxyID, machine.proxyDaemonID] {
            try expectIrreversible(machine, of: #require(process))
        }
    }

    private func expectIrreversible(_ machine: PrivateMachine, of process: Int32) throws {
        let text = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        var status: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1).map {
                $0.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            }
            status[parts[0]] = parts.count > 1 ? parts[1] : ""
        }
        let user = String(machine.userID)
        #expect(status["Uid"] == Array(repeating: user, count: 4).joined(separator: " "))
        #expect(status["Gid"] == Array(repeating: user, count: 4).joined(separator: " "))
        #expect(status["Groups"] == user)
        for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
            #expect(status[set] == "0000000000000000", "\(set)")
        }
        #expect(status["NoNewPrivs"] == "1")
    }

    /// The state files, and every file that the proxy has open, are the user's; only its secrets'
    /// names tell that they are there.
    private func expectFilesOfUser(_ machine: PrivateMachine) async throws {
        let foreign = try await machine.runAsRoot(
            "find",
            machine.state,
            "!",
            "-user",
            machine.name,
            "-o",
            "!",
            "-group",
            machine.name,
        )
        #expect(foreign.status == 0, "\(foreign.talk)")
        #expect(foreign.output == "")
        let modes = try await machine.sandbox.run(
            "stat",
            "-c",
            "%a",
            machine.state,
            "\(machine.state)/ca-key.pem",
        )
        #expect(modes == "711\n600\n")
        guard let proxy = machine.proxyDaemonID else { return }
        let open = try await machine.runAsRoot(
            "find",
            "-L",
            "/proc/\(proxy)/fd",
            "-type",
            "f",
            "!",
            "-user",
            machine.name,
        )
        #expect(open.output == "")
    }
}
