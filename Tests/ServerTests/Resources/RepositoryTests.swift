import PortlessCore
import Projects
import SystemPackage
import TestSupport
import Testing

@testable import Server

@Suite struct RepositoryTests {
    @Test(
        arguments: [
            (["package.json": #"{"dependencies":{"next":"1","react":"1"}}"#], "nextjs"),
            (["package.json": #"{"dependencies":{"express":"1"}}"#], "single-node-server"),
            (
                [
                    "package.json":
                        #"{"dependencies":{"express":"1"},"devDependencies":{"vite":"1"}}"#
                ],
                "vite+express",
            ),
            (["package.json": #"{"devDependencies":{"vue":"1"}}"#], "vite"),
            (["package.json": "{}", "index.html": ""], "unknown"),
            (["go.mod": "", "Dockerfile": ""], "go"), (["pyproject.toml": ""], "python"),
            (["compose.yml": ""], "docker"), (["index.html": ""], "static"),
            (["server.mjs": "", "index.html": ""], "unknown"), (["Package.swift": ""], "swift"),
            ([:], "unknown"),
        ] as [([String: String], String)]
    )
    func `the type is told by the files`(files: [String: String], type: String) throws {
        try TemporaryDirectory.with { path in
            for (name, text) in files { try path.write(name, text) }
            #expect(Repository.describe(path.string)["type"]?.string == type)
        }
    }

    @Test func `scripts and ports are told`() throws {
        try TemporaryDirectory.with { path in
            try path.write("package.json", #"{"name":"shop","scripts":{"dev":"node s.js"}}"#)
            try path.write(".env", "PORT=5570\n")
            let answer = Repository.describe(path.string)
            #expect(answer["valid"] == .bool(true))
            #expect(answer["packageJson"]?["name"]?.string == "shop")
            #expect(answer["startCommands"]?.compact == #"["npm run dev"]"#)
            #expect(answer["hasGit"] == .bool(false))
        }
    }

    @Test(arguments: ["relative", "/no/such/folder", "/etc/hosts", "/tmp\0x", ""])
    func `what is no folder is told, not thrown`(path: String) {
        #expect(Repository.describe(path)["valid"] == .bool(false))
    }
}
