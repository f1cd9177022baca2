import Foundation
import Testing

extension EndToEnd {
    /// `portless ports kill`: shows what it would end, and ends nothing else.
    @Suite struct PortKillTests {}
}

extension EndToEnd.PortKillTests {
    private func listener(
        _ sandbox: Sandbox,
        _ arguments: String...,
    ) async throws -> (Program, Int) {
        let port = try FreePort.next()
        let program = try sandbox.start(
            ["python3", Apps.path("stubborn.py"), "\(port)"] + arguments
        )
        try await eventually("the listener") { program.output == "listening\n" ? () : nil }
        return (program, port)
    }

    @Test func `without a terminal it is shown, and ended only with --yes`() async throws {
        try await Sandbox.with { sandbox in
            let (program, port) = try await listener(sandbox)
            let shown = try await sandbox.portless("ports", "kill", "\(port)")
            #expect(shown.status == 1)
            #expect(
                shown.talk.contains(
                    "python3 (\(program.processID)) listens on port \(port) at 127.0.0.1"
                )
            )
            #expect(shown.talk.contains("stubborn.py \(port)"))
            #expect(shown.talk.contains("folder   \(sandbox.project.path())"))
            #expect(shown.talk.contains("Add --yes"))
            #expect(program.status == nil)
            let ended = try await sandbox.portless("ports", "kill", "\(port)", "--yes")
            #expect(ended.output == "Ended python3 (\(program.processID)).\n")
            #expect(try await program.finished().status == 128 + SIGTERM)
            let again = try await sandbox.portless("ports", "kill", "\(port)", "--yes")
            #expect(again.status == 1)
            #expect(again.talk.contains("Nothing listens on port \(port)."))
        }
    }

    @Test func `who receives UDP is shown and ended, too`() async throws {
        try await Sandbox.with { sandbox in
            let port = try FreePort.next()
            let receiver = try sandbox.start([
                "python3", "-c",
                """
                import socket, time
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                s.bind(("127.0.0.1", \(port)))
                print("ready", flush=True)
                time.sleep(600)
                """,
            ])
            try await eventually("the receiver") { receiver.output == "ready\n" ? () : nil }
            let ended = try await sandbox.portless("ports", "kill", "\(port)", "--yes")
            #expect(ended.talk.contains("receives UDP on port \(port) at 127.0.0.1"))
            #expect(ended.output.hasPrefix("Ended python3 (\(receiver.processID))"))
            #expect(try await receiver.finished().status > 128)
        }
    }

    @Test func `what doesn't end by itself is made to`() async throws {
        try await Sandbox.with { sandbox in
            let (program, port) = try await listener(sandbox, "ignore")
            let ended = try await sandbox.portless("ports", "kill", "\(port)", "-y")
            #expect(ended.output == "Ended python3 (\(program.processID)) by force.\n")
            #expect(try await program.finished().status == 128 + SIGKILL)
        }
    }

    @Test func `a process that is only connected to the port lives on`() async throws {
        try await Sandbox.with { sandbox in
            let (_, port) = try await listener(sandbox)
            let client = try sandbox.start([
                "python3", "-c",
                """
                import socket, time
                s = socket.create_connection(("127.0.0.1", \(port)))
                print("connected", flush=True)
                s.recv(1)
                time.sleep(3600)
                """,
            ])
            try await eventually("the client") { client.output == "connected\n" ? () : nil }
            #expect(try await sandbox.portless("ports", "kill", "\(port)", "--yes").status == 0)
            #expect(client.status == nil)
        }
    }

    @Test func `what runs the terminal is left alone`() async throws {
        try await Sandbox.with { sandbox in
            let port = try FreePort.next()
            let result = try await sandbox.start([
                "python3", "-c",
                """
                import socket, subprocess, sys
                s = socket.create_server(("127.0.0.1", \(port)))
                r = subprocess.run(["\(Binary.path)", "ports", "kill", "\(port)", "--yes"])
                sys.exit(r.returncode)
                """,
            ]).finished()
            #expect(result.status == 1)
            #expect(result.talk.contains("which this terminal runs in"))
        }
    }

    @Test func `at a terminal it asks`() async throws {
        try await Sandbox.with { sandbox in
            let (program, port) = try await listener(sandbox)
            let result = try await sandbox.start([
                "python3", Apps.path("terminal.py"), "ports-kill", Binary.path, "\(port)",
            ]).finished()
            #expect(result.output.hasSuffix("passed\n"), "\(result.output)\n\(result.talk)")
            #expect(try await program.finished().status == 128 + SIGTERM)
        }
    }

    @Test(.enabled(if: PrivateMachine.isPossible))
    func `another user's process is named as far as it can be seen`() async throws {
        try await Sandbox.with { sandbox in
            let (program, port) = try await listener(sandbox)
            let result = try await sandbox.start([
                "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env",
                "PORTLESS_STATE_DIR=/tmp/portless-nobody-\(port)", "HOME=/tmp", Binary.path,
                "ports", "kill", "\(port)", "--yes",
            ]).finished()
            #expect(result.status == 1)
            #expect(result.talk.contains("Port \(port) is held by another user's process (uid 0)."))
            #expect(result.talk.contains("sudo portless ports kill \(port)"))
            #expect(program.status == nil)
        }
    }
}
