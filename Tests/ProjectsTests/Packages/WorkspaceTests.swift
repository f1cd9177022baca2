import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Projects

@Suite struct WorkspaceTests {
    private func packages(_ files: [String: String]) throws -> [String]? {
        try TemporaryDirectory.with { folder in
            for (path, text) in files { try folder.write(path, text) }
            return try Workspace(root: folder)?.packages.map(\.path)
        }
    }

    private let tree = [
        "apps/web/package.json": "{\"name\": \"@acme/web\"}",
        "apps/api/package.json": "{\"name\": \"@acme/api\"}",
        "apps/notes/readme.md": "no package",
        "apps/.hidden/package.json": "{}",
        "tools/gen/package.json": "{}",
        "tools/gen/node_modules/x/package.json": "{}",
    ]

    @Test(arguments: [
        ("{\"workspaces\": [\"apps/*\"]}", ["apps/api", "apps/web"]),
        (
            "{\"workspaces\": {\"packages\": [\"./apps/w*\", \"tools/gen\"]}}",
            ["apps/web", "tools/gen"],
        ),
        ("{\"workspaces\": [\"**/*\", \"!apps/api\"]}", ["apps/web", "tools/gen"]),
        ("{\"workspaces\": [\"*/*b\"]}", ["apps/web"]),
        ("{\"workspaces\": [\"nothing/*\"]}", []),
    ])
    func `npm's and yarn's patterns find packages`(manifest: String, paths: [String]) throws {
        #expect(try packages(tree.merging(["package.json": manifest]) { $1 }) == paths)
    }

    @Test(arguments: [
        (
            "packages:\n  - 'apps/*'\n  - \"tools/*\" # generators\n",
            ["apps/api", "apps/web", "tools/gen"],
        ),
        ("packages: [apps/*, '!apps/api']\n", ["apps/web"]),
        ("packages:\n  - .\n", [""]),
    ])
    func `pnpm's file wins over package-json`(yaml: String, paths: [String]) throws {
        let files = [
            "package.json": "{\"workspaces\": [\"tools/*\"]}", "pnpm-workspace.yaml": yaml,
        ]
        #expect(try packages(tree.merging(files) { $1 }) == paths)
    }

    @Test func `a folder without patterns is no workspace`() throws {
        #expect(try packages(tree.merging(["package.json": "{}"]) { $1 }) == nil)
    }
}
