import Testing

@testable import PortlessCore

@Suite struct PatchCheckTests {
    private static func diff(
        _ path: String,
        adding lines: String...,
        header: String = "index 1111111..2222222 100644",
    ) -> String {
        """
        diff --git a/\(path) b/\(path)
        \(header)
        --- a/\(path)
        +++ b/\(path)
        @@ -1 +1,\(lines.count + 1) @@
         old
        \(lines.map { "+\($0)" }.joined(separator: "\n"))

        """
    }

    private func refusal(of diff: String) -> String? {
        do throws(PatchCheck.Refusal) {
            _ = try PatchCheck(diff.utf8)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func `a plain change passes, with its files`() throws {
        let both = Self.diff("server.js", adding: "new") + Self.diff("src/a b.ts", adding: "x")
        #expect(try PatchCheck(both.utf8).files == ["server.js", "src/a b.ts"])
        let new = """
            diff --git a/new.js b/new.js
            new file mode 100644
            index 0000000..2222222
            --- /dev/null
            +++ b/new.js
            @@ -0,0 +1,2 @@
            +--- a/.env
            +diff --git a/.env b/.env
            \\ No newline at end of file

            """
        #expect(try PatchCheck(new.utf8).files == ["new.js"])
    }

    @Test(arguments: [
        ".git/config", ".GIT/config", "sub/.git/hooks/pre-commit", ".git./config", "git~1/config",
        ".g\u{200C}it/config", ".env", "app/.env.local", ".envrc", ".npmrc", "certs/server.pem",
        "id_rsa", ".github/workflows/ci.yml", ".gitattributes", ".gitmodules", ".ssh/config",
        ".husky/pre-commit", ".pre-commit-config.yaml", ".claude/settings.json", ".mcp.json",
        ".cursor/mcp.json", ".vscode/tasks.json", "Jenkinsfile", "azure-pipelines.yml",
        ".buildkite/pipeline.yml",
        "../outside.js", "a/../../b", "/etc/passwd", "a//b", "./a", "a\\..\\b",
    ])
    func `a path that may not be changed is refused`(path: String) {
        #expect(refusal(of: Self.diff(path, adding: "x")) != nil)
        #expect(PatchCheck.reason(against: path) != nil)
    }

    @Test func `lines that end with CR and LF are read one by one`() throws {
        let windows = Self.diff("a.js", adding: "x\r", "y\r")
        #expect(try PatchCheck(windows.utf8).files == ["a.js"])
        let hidden = Self.diff("a.js", adding: "x\r") + Self.diff(".env", adding: "y")
        #expect(refusal(of: hidden)?.hasPrefix("It changes .env, ") == true)
    }

    @Test(arguments: [
        "src/environment.ts", ".eslintrc.json", "gitignore.txt", "a.pem.ts", ".envoy",
    ])
    func `a harmless path passes`(path: String) {
        #expect(PatchCheck.reason(against: path) == nil)
    }

    @Test func `links, submodules, binaries and renames are refused`() {
        let link = Self.diff("a", adding: "/etc/passwd", header: "new file mode 120000")
        #expect(refusal(of: link) == "a is a symbolic link.")
        let modules = Self.diff("a", adding: "x", header: "new file mode 160000")
        #expect(refusal(of: modules) == "a is a submodule.")
        let target = Self.diff("a", adding: "x", header: "index 1111111..2222222 120000")
        #expect(refusal(of: target) == "a is no regular file.")
        #expect(
            refusal(of: "diff --git a/a b/a\nindex 1..2\nGIT binary patch\nliteral 3\n")
                == "a is binary."
        )
        #expect(refusal(of: "diff --git a/a b/.env\nrename from a\nrename to .env\n") != nil)
        #expect(refusal(of: "diff --git a/a b/a\nrename from b\nrename to .env\n") != nil)
    }

    @Test func `a file's name can't hide in its other lines`() {
        let other = """
            diff --git a/a.js b/a.js
            --- a/a.js
            +++ b/.env
            @@ -1 +1 @@
            -old
            +new

            """
        #expect(refusal(of: other) == "The diff names b/.env where a.js is due.")
        let early =
            "--- a/.env\n+++ b/.env\n@@ -1 +1 @@\n-a\n+b\n" + Self.diff("a.js", adding: "x")
        #expect(refusal(of: early) != nil)
        // After a hunk's lines, a second head without its `diff --git`.
        let late =
            Self.diff("a.js", adding: "x").dropLast()
            + "\n--- a/.env\n+++ b/.env\n@@ -1 +1 @@\n-a\n+b\n"
        #expect(refusal(of: String(late)) == "The diff names a/.env where a.js is due.")
        #expect(refusal(of: "diff --git \"a/\\056env\" \"b/\\056env\"\n") != nil)
    }

    @Test(arguments: [
        "const key = 'ghp_0123456789012345678901234567890123456'",
        "-----BEGIN RSA PRIVATE KEY-----", "AWS=AKIAIOSFODNN7EXAMPLE",
        "sk-ant-api03-0123456789012345678901234567",
    ])
    func `credentials are refused`(line: String) {
        #expect(refusal(of: Self.diff("a.js", adding: line))?.hasPrefix("It adds ") == true)
    }

    @Test func `a diff that is too large, empty, broken or no text is refused`() {
        #expect(refusal(of: "") == "The command changed nothing.")
        let large = Self.diff("a.js", adding: String(repeating: "x", count: 201 << 10))
        #expect(refusal(of: large)?.contains("at most") == true)
        let cut = Self.diff("a.js", adding: "x", "y").split(separator: "\n").dropLast()
        #expect(refusal(of: cut.joined(separator: "\n")) == "The diff is incomplete.")
        #expect(refusal(of: "rm -rf /") != nil)
        #expect(throws: PatchCheck.Refusal.self) { try PatchCheck([0x64, 0xFF, 0x00]) }
        #expect(
            refusal(
                of: Self.diff("a.js", adding: "x").replacing(
                    "+1,2",
                    with: "+1,99999999999999999999",
                )
            ) != nil
        )
    }
}
