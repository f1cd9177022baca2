import Foundation
import Testing

extension EndToEnd {
    /// What is wrong with a project's files is one sentence, and starts nothing.
    @Suite struct BrokenProjectTests {}
}

extension EndToEnd.BrokenProjectTests {
    private func refused(_ sandbox: Sandbox, _ arguments: String...) async throws -> String {
        let program = try sandbox.start([Binary.path] + arguments)
        let result = try await program.finished()
        #expect(result.status == 1)
        #expect(result.output.isEmpty)
        #expect(result.talk.split(separator: "\n").count <= 2, "\(result.talk)")
        #expect(sandbox.proxyID == nil)
        return result.talk
    }

    @Test func `files that can't be read are named`() async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write("{\"name\": \"x\",\n\"scripts\": {", to: "package.json")
            let truncated = try await refused(sandbox)
            #expect(truncated.contains("/package.json is no valid JSON (line 2"))
            #expect(try await refused(sandbox, "run").contains("/package.json is no valid JSON"))
            try sandbox.write("{\"workspaces\": 5}", to: "package.json")
            let number = try await refused(sandbox)
            #expect(number.contains("\"workspaces\" in ") && number.contains("/package.json must"))
            try sandbox.write("packages: [", to: "pnpm-workspace.yaml")
            #expect(try await refused(sandbox).contains("/pnpm-workspace.yaml:1 can't be read"))
        }
    }

    @Test func `a script that isn't there is named, with those that are`() async throws {
        try await Sandbox.with { sandbox in
            let absent = try await refused(sandbox, "--script", "nope")
            #expect(absent.contains("no script \"nope\" in ") && absent.contains("/package.json"))
            try sandbox.write("{\"scripts\": {\"build\": \"x\"}}", to: "package.json")
            for command in [["--script", "nope"], ["run", "--script", "nope"]] {
                let result = try await sandbox.start([Binary.path] + command).finished()
                #expect(result.status == 1)
                #expect(result.talk.contains("no script \"nope\" in "))
                #expect(result.talk.contains("Its scripts: build."))
            }
            try sandbox.write("{\"script\": \"nope\"}", to: "portless.json")
            #expect(try await refused(sandbox).contains("no script \"nope\" in "))
        }
    }

    @Test func `packages that would share a name start nothing`() async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write("{\"workspaces\": [\"apps/*\"]}", to: "package.json")
            for (folder, name) in [("a", "@acme/ui"), ("b", "@other/ui")] {
                try sandbox.write(
                    "{\"name\": \"\(name)\", \"scripts\": {\"dev\": \"touch ../../ran\"}}",
                    to: "apps/\(folder)/package.json",
                )
            }
            let talk = try await refused(sandbox)
            #expect(talk.contains("@acme/ui (apps/a) and @other/ui (apps/b)"))
            #expect(try await refused(sandbox, "up").contains("@acme/ui (apps/a)"))
            let ran = sandbox.project.appending(path: "ran").path()
            #expect(!FileManager.default.fileExists(atPath: ran))
        }
    }

    @Test func `an app of a workspace that is run alone knows the others`() async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write("{\"workspaces\": [\"apps/*\"]}", to: "package.json")
            for name in ["api", "ui"] {
                try sandbox.write(
                    "{\"name\": \"@acme/\(name)\", \"scripts\": {\"dev\": \"x\"}}",
                    to: "apps/\(name)/package.json",
                )
            }
            let folder = sandbox.project.appending(path: "apps/ui")
            func variables() async throws -> [String] {
                try await sandbox.portless("run", "env", directory: folder).output
                    .split(separator: "\n").map { String($0) }
            }
            let alone = try await variables()
            #expect(alone.contains("PORTLESS_URL_UI=\(sandbox.url("ui"))"))
            #expect(alone.contains("PORTLESS_URL_API=\(sandbox.url("api"))"))
            // That is where it is, when it runs from the root.
            try await sandbox.portless("alias", "api.acme", String(try FreePort.next()))
            #expect(try await variables().contains("PORTLESS_URL_API=\(sandbox.url("api.acme"))"))
        }
    }

    /// A file system of 64 KiB with nothing free, in a mount namespace of its own.
    @Test(.enabled(if: PrivateMachine.isPossible, "needs root, for a small file system"))
    func `a proxy that can't write its state says why`() async throws {
        try await Sandbox.with { sandbox in
            let script = """
                mount -t tmpfs -o size=64k,mode=711 tmpfs "$PORTLESS_STATE_DIR" || exit 9
                dd if=/dev/zero of="$PORTLESS_STATE_DIR/fill" bs=1k 2>/dev/null
                exec "$1" full true
                """
            try FileManager.default.createDirectory(
                at: sandbox.state,
                withIntermediateDirectories: true,
            )
            let result = try await sandbox.start([
                "unshare", "-m", "sh", "-c", script, "sh", Binary.path,
            ]).finished()
            #expect(result.status == 1)
            #expect(result.talk.contains("No space left on device"), "\(result.talk)")
            #expect(!result.talk.contains("20 seconds"))
        }
    }
}
