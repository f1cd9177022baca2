import Foundation
import Testing

extension EndToEnd {
    /// What root does for a user who calls it through sudo, and what it doesn't do.
    @Suite(.enabled(if: PrivateMachine.isPossible, "only root can make users and networks"))
    struct BorrowedRootTests {}
}

extension EndToEnd.BorrowedRootTests {
    @Test func `links that the user plants lead root nowhere`() async throws {
        try await PrivateMachine.with { machine in
            let prize = "\(machine.sandbox.root.path())/prize"
            try await machine.sandbox.run("install", "-d", "-m", "0700", prize)
            let files = [
                "routes.json", "routes.queue", "ports.json", "ports.lock", "apps.json", "ca.pem",
                "ca-key.pem", "ca.lock", "ca.trusted", "proxy.log", "ports-memory.json",
            ]
            try "root's own\n".write(toFile: "\(prize)/file", atomically: true, encoding: .utf8)
            let commands: [[String]] = [
                ["list"], ["alias", "db", "5432"], ["ports", "lease", "shop", "api"],
                ["hosts", "sync"], ["hosts", "clean"], ["trust"], ["prune"], ["ports"], ["clean"],
            ]
            let before = try await listing(prize, machine)
            // First each file is a link to root's, then the folder itself.
            let plants = [
                "mkdir -p .portless; for f in \(files.joined(separator: " ")); do "
                    + "ln -sf \(prize)/file .portless/$f; done; ln -sfn \(prize) .portless/apps",
                "rm -rf .portless; ln -s \(prize) .portless",
            ]
            for plant in plants {
                for command in commands {
                    try await machine.startAsUser(["sh", "-c", plant]).finished()
                    let result = try await machine.startAsUser(
                        ["sudo", "PORTLESS_TRUST_ANCHORS=\(prize)/none", machine.binary] + command
                    ).finished()
                    #expect(result.status <= 1, "\(command): \(result.talk)")
                    #expect(try await listing(prize, machine) == before, "\(command)")
                }
            }
        }
    }

    /// What is in a folder of root's, to the inode and the time of the last change.
    private func listing(_ folder: String, _ machine: PrivateMachine) async throws -> String {
        try await machine.sandbox.run(
            "sh",
            "-c",
            "find \"$0\" -printf '%p %i %U %m %s %C@\\n'; cat \"$0/file\"",
            folder,
        )
    }

    @Test func `under sudo the hosts file and others' processes are still root's to change`()
        async throws
    {
        try await PrivateMachine.with { machine in
            try await machine.portless("alias", "db", "5432")
            let sync = try await machine.startAsUser([
                "sudo", machine.binary, "hosts", "sync",
            ]).finished()
            #expect(sync.status == 0, "\(sync.talk)")
            let hosts = try await machine.runAsRoot("cat", "/etc/hosts").output
            #expect(hosts.contains("127.0.0.1 db.localhost"))
            try await expectOwnFiles(machine)

            let server = try machine.startAsRoot("python3", "-m", "http.server", "8099")
            try await eventually("root's server is there; \(server.talk)") {
                try await machine.status(of: "http://127.0.0.1:8099/") == 200 ? () : nil
            }
            let denied = try await machine.portless("ports", "kill", "8099", "--yes")
            #expect(denied.status == 1)
            #expect(server.status == nil)
            let kill = try await machine.startAsUser([
                "sudo", machine.binary, "ports", "kill", "8099", "--yes",
            ]).finished()
            #expect(kill.status == 0, "\(kill.talk)")
            try await eventually("it has ended") { server.status }
        }
    }

    private func expectOwnFiles(_ machine: PrivateMachine) async throws {
        let foreign = try await machine.runAsRoot(
            "find",
            machine.state,
            "!",
            "-user",
            machine.name,
        )
        #expect(foreign.output == "")
    }
}
