import Foundation
import Testing

extension EndToEnd {
    /// What shells know of Portless: completions, the manual page, and where `make` puts them.
    @Suite struct ShellTests {}
}

extension EndToEnd.ShellTests {
    private static let source = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test func `Tab completes what there is, and runs nothing`() async throws {
        try await Sandbox.with { sandbox in
            _ = try sandbox.leaseFromOwnRange()
            try sandbox.write(
                """
                {"name": "shop", "processes": {
                  "web": {"command": ["node", "\(Apps.path("node-http.js"))"]},
                  "worker": {"command": ["sleep", "1000"]}}}
                """,
                to: "portless.json",
            )
            let up = try await sandbox.portless("up")
            try #require(up.status == 0, "\(up.talk)")
            try await sandbox.portless("ports", "lease", "blog", "api", "ui")
            for shell in ["bash", "zsh", "fish"] {
                let result = try await sandbox.start([
                    "python3", Apps.path("completions.py"), shell, Binary.path,
                ]).finished(within: .seconds(120))
                #expect(
                    result.output.hasSuffix("passed\n"),
                    "\(shell): \(result.output)\n\(result.talk)",
                )
            }
            try await sandbox.portless("down")
        }
    }

    @Test func `a slip is told, and what a shell runs goes on running`() async throws {
        try await Sandbox.with { sandbox in
            for (words, meant) in [
                (["prots", "detcet"], "ports"), (["ports", "detcet"], "ports detect"),
            ] {
                let slip = try await sandbox.start([Binary.path] + words).finished()
                #expect(slip.status == 1)
                #expect(slip.talk.contains("Did you mean: portless \(meant)?"), "\(slip.talk)")
            }
            for words in [["cd", "/"], ["ulimit", "-n"], ["true"], ["eval", "exit 0"]] {
                let run = try await sandbox.start([Binary.path, "lsit"] + words).finished()
                #expect(run.status == 0, "\(words): \(run.talk)")
            }
            let slip = try await sandbox.portless("lsit", "nothing")
            #expect(slip.talk.contains("Did you mean: portless list?"), "\(slip.talk)")
            _ = try sandbox.leaseFromOwnRange()
            try await sandbox.portless("ports", "lease", "lsit", "web")
            let named = try await sandbox.portless("lsit", "nothing")
            #expect(named.status == 127 && !named.talk.contains("Did you mean"), "\(named.talk)")
        }
    }

    @Test func `the program, its completions and its manual page come and go together`()
        async throws
    {
        try await Sandbox.with { sandbox in
            let files = [
                "bin/portless", "share/man/man1/portless.1",
                "share/bash-completion/completions/portless",
                "share/zsh/site-functions/_portless",
                "share/fish/vendor_completions.d/portless.fish",
            ].map { sandbox.root.appending(path: "staged/usr/\($0)").path() }
            let places = ["DESTDIR=\(sandbox.root.path())/staged", "PREFIX=/usr"]
            let install = try await sandbox.start(
                ["make", "-s", "install-program", "PROGRAM=\(Binary.path)"] + places,
                directory: Self.source,
            ).finished()
            #expect(install.status == 0, "\(install.talk)")
            for file in files {
                let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int
                #expect(size ?? 0 > 300, "\(file)")
            }
            let version = try await sandbox.start([files[0], "--version"]).finished()
            #expect(version.output == (try await sandbox.portless("--version")).output)
            let lint = try await sandbox.start(["mandoc", "-T", "lint", "-W", "warning", files[1]])
                .finished()
            #expect(lint.output + lint.talk == "")
            let page = try await sandbox.start(["mandoc", "-T", "ascii", files[1]]).finished()
            #expect(page.output.contains("completions"))
            let uninstall = try await sandbox.start(
                ["make", "-s", "uninstall"] + places,
                directory: Self.source,
            ).finished()
            #expect(uninstall.status == 0, "\(uninstall.talk)")
            for file in files { #expect(!FileManager.default.fileExists(atPath: file), "\(file)") }
        }
    }
}
