import SystemPackage
import Testing

@testable import PortlessCore
@testable import Projects

struct PortRepairTests {
    private func files(_ contents: [String: String]) -> ProjectFiles {
        ProjectFiles(
            read: { contents[$0].map { Array($0.utf8) } },
            list: { directory in
                directory.isEmpty
                    ? contents.keys.sorted().map { .init(name: $0, isDirectory: false) } : []
            },
        )
    }

    private func detect(_ files: ProjectFiles) -> DetectedProject {
        ProjectDetection.detect(directory: "/src/shop", files: files)
    }

    /// The files after the repair, with 5590 and following as what is free.
    private func repaired(
        _ contents: [String: String],
        lease: PortLease? = nil,
        elsewhere: [PortClaim] = [],
    ) throws -> [String: String] {
        let files = files(contents)
        let project = PortCheck.Project(path: ".", detected: detect(files), lease: lease)
        let check = PortCheck([project], systemEphemeral: nil, elsewhere: elsewhere)
        let repair = PortRepair(project, findings: check.findings, files: files, detect: detect)
        let edits = try repair.edits { count in (0..<count).compactMap { Port(5590 + $0) } }
        var result = contents
        for change in try repair.contents(edits) {
            result[change.file] = String(decoding: change.new, as: UTF8.self)
        }
        return result
    }

    private func lease(_ ports: [String: Port]) throws -> PortLease {
        try #require(
            PortLease(
                app: AppName(parsing: "shop"),
                ports: ports.map { LeasedPort(label: $0.key, port: $0.value) },
            )
        )
    }

    @Test
    func `only the port's own number changes, never a comment or an equal number`() throws {
        let before = """
            // The API was at 6000 once, and 6000 it is.
            const TRANSPORT_DELAY = 6000;
            const PORTS = { API: 6000 }; // 6000
            module.exports = { apps: [
              { name: "api", watch_delay: 6000, script: "6000.js", env: { PORT: PORTS.API } },
              { name: "bot", env: { API_PORT: PORTS.API, PORT: 5580 } },
            ] };
            """
        let after = try repaired(["ecosystem.config.cjs": before])
        #expect(
            after["ecosystem.config.cjs"]
                == before.replacing("PORTS = { API: 6000 }", with: "PORTS = { API: 5590 }")
        )
    }

    @Test(arguments: [
        (
            "ecosystem.config.js",
            #"module.exports = {apps: [{name: "a", args: "-x 6000 --port 6000"}]}"#,
            #"-x 6000 --port 5590"#,
        ),
        (
            "ecosystem.config.js",
            #"module.exports = {apps: [{name: "a", args: ["--port", "6000"]}]}"#,
            #""--port", "5590""#,
        ),
        (
            "ecosystem.config.js", "module.exports = {apps: [{name: 'a', env: {PORT: '6000'}}]}",
            "'5590'",
        ),
        (
            "ecosystem.config.js",
            "module.exports = {apps: [{name: 'a', env: {PORT: process.env.P || 6000}}]}", "|| 5590",
        ),
        (".env", "# 6000\nPORT=6000 # 6000\nX=6000\n", "# 6000\nPORT=5590 # 6000\nX=6000\n"),
        ("compose.yml", "services: {web: {image: x, ports: ['6000:6000']}}", "'5590:6000'"),
        ("Procfile", "web: serve 6000 --port 6000\n", "serve 6000 --port 5590"),
        (
            "vite.config.ts", "export default { server: { hmr: 6000, port: 6000 } }",
            "hmr: 6000, port: 5590",
        ),
        (
            "package.json", #"{"scripts": {"dev": "vite --port 6000"}, "config": {"x": 6000}}"#,
            #"--port 5590"}, "config": {"x": 6000}"#,
        ),
        ("portless.json", #"{"ports": {"api": 6000}}"#, #""api": 5590"#),
    ])
    func `every kind of declaration is rewritten in its own place`(
        file: String,
        before: String,
        expected: String,
    ) throws {
        let after = try repaired([file: before])
        #expect(after[file]?.contains(expected) == true, "\(after[file] ?? "")")
        #expect(after[file]?.count == before.count)
    }

    @Test
    func `each label gets what is leased for it, in all files at once`() throws {
        let after = try repaired(
            [
                "ecosystem.config.cjs": """
                module.exports = { apps: [
                  { name: "api", env: { PORT: 5571 } }, { name: "web-ui", env: { PORT: 5570 } },
                ] };
                """
            ],
            lease: try lease(["api": 5570, "ui": 5571]),
        )
        // A swap: the numbers of both change at the same time.
        #expect(
            after["ecosystem.config.cjs"]?.contains("name: \"api\", env: { PORT: 5570 }") == true
        )
        #expect(
            after["ecosystem.config.cjs"]?.contains("name: \"web-ui\", env: { PORT: 5571 }") == true
        )
    }

    @Test
    func `of two processes on one port the second one gets another`() throws {
        let after = try repaired([
            "ecosystem.config.cjs": """
            module.exports = { apps: [
              { name: "one", env: { PORT: 5570 } },
              { name: "two", env: { PORT: 5570 } },
            ] };
            """
        ])
        #expect(
            after["ecosystem.config.cjs"]?.contains("name: \"one\", env: { PORT: 5570 }") == true
        )
        #expect(
            after["ecosystem.config.cjs"]?.contains("name: \"two\", env: { PORT: 5590 }") == true
        )
    }

    @Test
    func `a port that another app has becomes a free one`() throws {
        let claim = PortClaim(app: "b", label: "ui", port: 5570, origin: .leased)
        let after = try repaired([".env": "PORT=5570\n"], elsewhere: [claim])
        #expect(after[".env"] == "PORT=5590\n")
    }

    @Test(arguments: [
        // Computed: no place holds the number.
        "const BASE = 5999; module.exports = {apps: [{name: 'a', env: {PORT: BASE + 1}}]}",
        // The two processes that must part share one number.
        "const P = 5570; module.exports = {apps: [{name: 'a', env: {PORT: P}}, {name: 'b', env: {PORT: P}}]}",
    ])
    func `what can't be told apart is refused as a whole, with its place`(text: String) throws {
        let error = #expect(throws: PortRepairError.self) {
            try repaired(["ecosystem.config.js": text, ".env": "PORT=6000"])
        }
        #expect(error?.description.contains("ecosystem.config.js:1") == true)
        #expect(error?.description.contains("nothing was changed") == true)
    }

    @Test
    func `what can't be changed is named with its project`() throws {
        let files = files([
            "pm2.config.js": "const B = 5999; module.exports = {apps: [{name: 'a', port: B + 1}]}"
        ])
        let project = PortCheck.Project(path: "two", detected: detect(files))
        let findings = PortCheck([project], systemEphemeral: nil).findings
        let repair = PortRepair(project, findings: findings, files: files, detect: detect)
        let error = #expect(throws: PortRepairError.self) {
            try repair.edits { _ in [5590] }
        }
        #expect(error?.description.contains("at two/pm2.config.js:1 is not") == true)
    }

    @Test
    func `a project without errors stays as it is`() throws {
        let contents = [".env": "PORT=3000\n"]
        #expect(try repaired(contents) == contents)
    }

    @Test
    func `a change is shown as lines taken out and put in`() {
        let text = LineDiff.text(
            file: "web/.env",
            old: Array("A=1\nPORT=1\nB=2".utf8),
            new: Array("A=1\nPORT=2\nB=2".utf8),
        )
        #expect(text == "--- a/web/.env\n+++ b/web/.env\n@@ -2 +2 @@\n-PORT=1\n+PORT=2")
    }
}
