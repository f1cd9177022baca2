import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import portless

@Suite struct EnvCommandTests {
    /// A project with two processes on the branch `a/b`, and without a proxy.
    private func prepare(_ world: inout CommandWorld) throws {
        world.hasNoProxy()
        world.context.isFree = { _ in true }
        let folder = world.context.workingDirectory
        try folder.write(".git/HEAD", "ref: refs/heads/a/b\n")
        try folder.write(
            "portless.json",
            """
            {"name": "shop", "env": {"DATABASE_URL": "postgres://localhost/shop_{branch}"},
             "processes": {"api": {"command": "node api.js", "env": {"UI": "{port.ui}"}},
                           "web": "node web.js"}}
            """,
        )
    }

    private func json(_ world: CommandWorld, _ line: String = "") async throws -> JSONValue {
        let result = await world.run("env --format json \(line)")
        #expect(result.code == 0, "\(result.talk)")
        return try JSONValue(parsing: result.output.utf8)
    }

    @Test func `what people open, or another process, is told its ports, URLs and env`()
        async throws
    {
        try await CommandWorld.with { world in
            try prepare(&world)
            let web = try await json(world)
            #expect(web["DATABASE_URL"]?.string == "postgres://localhost/shop_a-b")
            #expect(web["PORTLESS_URL"]?.string == "https://shop.localhost")
            #expect(web["PORTLESS_URL_API"]?.string == "https://api.shop.localhost")
            #expect(web["PORT"]?.string == web["UI_PORT"]?.string)
            for name in ["UI", "PATH", "HOME", "HOST"] { #expect(web[name] == nil) }
            let api = try await json(world, "--process api")
            #expect(api["UI"]?.string == web["UI_PORT"]?.string)
            #expect(api["PORT"]?.string == api["API_PORT"]?.string)
            #expect(try await json(world) == web)
            let unknown = await world.run("env --process db")
            #expect(unknown.code == 1)
            #expect(unknown.talk.contains("shop has no process \"db\"."))
        }
    }

    @Test func `a project that declares nothing to run has its ports and its env`() async throws {
        try await CommandWorld.with { world in
            try prepare(&world)
            try world.context.workingDirectory.write(
                "portless.json",
                #"{"name": "shop", "ports": ["api"], "env": {"A": "{port.api} {name}"}}"#,
            )
            let told = try await json(world)
            let port = try #require(told["API_PORT"]?.string)
            #expect(told["A"]?.string == "\(port) shop")
        }
    }

    @Test func `a file keeps its other lines, its mode and its place`() async throws {
        try await CommandWorld.with { world in
            try prepare(&world)
            let folder = world.context.workingDirectory
            try folder.write("config/local", "A=1\n")
            try FileSystem.setPermissions(
                [.ownerReadWrite, .groupRead],
                of: folder.appending("config/local"),
            )
            try folder.appending(".env.local").link(to: "config/local")
            for _ in 0..<2 {
                let result = await world.run("env --write .env.local")
                #expect(result.code == 0, "\(result.talk)")
                #expect(result.output == "")
            }
            let path = folder.appending("config/local")
            let text = String(decoding: try AtomicFile.read(path), as: UTF8.self)
            #expect(text.hasPrefix("A=1\n\n# portless: begin"))
            #expect(text.ranges(of: "DATABASE_URL=postgres://localhost/shop_a-b\n").count == 1)
            #expect(text.hasSuffix("# portless: end\n"))
            #expect(try FileStatus.of(path)?.permissions == [.ownerReadWrite, .groupRead])
            #expect(SymbolicLink.target(folder.appending(".env.local")) == "config/local")
        }
    }

    @Test func `nothing outside of the folder is written, directly or by a link`() async throws {
        try await CommandWorld.with { world in
            try prepare(&world)
            let folder = world.context.workingDirectory
            try world.root.write("elsewhere/file", "A=1\n")
            let links = [
                "file": "../elsewhere/file", "none": "../elsewhere/none", "dir": "../elsewhere",
            ]
            for (name, target) in links {
                try folder.appending(name).link(to: target)
            }
            for name in ["file", "none", "dir/file", "../elsewhere/file", "/etc/x", ".", "no/x"] {
                let result = await world.run("env --write \(name)")
                #expect(result.code == 1, "\(name)")
            }
            let elsewhere = world.root.appending("elsewhere")
            #expect(DirectoryListing.names(elsewhere) == ["file"])
            #expect(try AtomicFile.read(elsewhere.appending("file")) == Array("A=1\n".utf8))
        }
    }

    @Test func `a damaged part, JSON in a file and an unknown format are refused`() async throws {
        try await CommandWorld.with { world in
            try prepare(&world)
            let folder = world.context.workingDirectory
            #expect(await world.run("env --write .env.local").code == 0)
            let whole = String(
                decoding: try AtomicFile.read(folder.appending(".env.local")),
                as: UTF8.self,
            )
            let damaged = String(whole.dropLast("# portless: end\n".count))
            try folder.write(".env.local", damaged)
            let result = await world.run("env --write .env.local")
            #expect(result.code == 1)
            #expect(result.talk.contains(".env.local:1: "))
            #expect(await world.run("env --format json --write x").code == 1)
            #expect(await world.run("env --format yaml").talk.contains("dotenv, json, shell"))
        }
    }
}
