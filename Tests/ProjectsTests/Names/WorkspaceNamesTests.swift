import PortlessCore
import Testing

@testable import Projects

@Suite struct WorkspaceNamesTests {
    @Test func `the project's name is configured, or the scope most packages share`() {
        #expect(WorkspaceNames.project(configured: "shop", packageNames: ["@a/x"]) == "shop")
        #expect(
            WorkspaceNames.project(configured: nil, packageNames: ["@b/x", "@a/y", "@a/z"]) == "a"
        )
        #expect(WorkspaceNames.project(configured: nil, packageNames: ["@b/x", "@a/y"]) == "b")
        #expect(WorkspaceNames.project(configured: nil, packageNames: ["x", "y"]) == nil)
    }

    @Test(
        arguments: [
            ("www", "@acme/web", "apps/web", "www"),
            (nil, "@acme/web", "apps/web", "web.acme"),
            (nil, "@acme/acme", "apps/acme", "acme"),
            (nil, "acme", "apps/acme", "acme"),
            (nil, nil, "apps/Web_App", "apps-web-app.acme"),
        ] as [(String?, String?, String, String)]
    )
    func `an app is named within its project`(
        configured: String?,
        package: String?,
        path: String,
        expected: String,
    ) {
        let name = WorkspaceNames.app(
            configured: configured,
            packageName: package,
            path: path,
            project: "acme",
        )
        #expect(name == expected)
    }

    @Test(arguments: [
        ("vite", true), ("next dev", true), ("tsc -w", false), ("NODE_ENV=x tsup --watch", false),
        ("./node_modules/.bin/rollup -c", false), ("node tsc.js", true),
    ])
    func `compilers serve nothing`(script: String, serves: Bool) {
        #expect(ServerScript.serves(script) == serves)
    }

    @Test func `a Procfile is one program a line`() {
        let programs = ProcfilePrograms(
            parsing:
                "# x: y\nweb: bin/rails s -p $PORT\n\nworker:  rake jobs:work\nno program\nbad name: x\n"
        )
        let entries = programs.entries
        #expect(entries.map(\.name) == ["web", "worker"])
        #expect(entries.map(\.command) == ["bin/rails s -p $PORT", "rake jobs:work"])
        #expect(entries.map(\.line) == [2, 4])
        #expect(entries.map(\.mentionsPort) == [true, false])
        #expect(programs.strayLines == [5, 6])
    }

    @Test(arguments: [
        ("worker", true), ("email-worker", true), ("worker_high", true), ("clock", true),
        ("jobs2", true), ("api", false), ("queue-api", false), ("ui", false),
    ])
    func `helpers are known by their names`(name: String, isHelper: Bool) {
        let entry = ProcfileEntry(name: name, command: "node x.js", line: 1)
        #expect(entry.isNamedLikeHelper == isHelper)
    }
}
