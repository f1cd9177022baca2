import HostSystem
import PortlessCore
import SystemPackage
import Testing

@testable import Runner
@testable import portless

@Suite struct AliasCommandTests {
    @Test func `a name is given to a port, shown, and taken back`() async throws {
        try await CommandWorld.with { world in
            world.hasNoProxy()
            let added = await world.run("alias db 5432")
            #expect(
                added.output == """
                    Alias registered: db.localhost -> 127.0.0.1:5432
                    https://db.localhost  ->  localhost:5432

                    """
            )
            #expect(added.talk == "")
            #expect(await world.run("list").output.contains("localhost:5432  (alias)"))
            #expect(await world.run("get db").output == "https://db.localhost\n")
            #expect(await world.run("alias --remove db").output == "Removed alias: db.localhost\n")
            #expect(await world.run("list").output.contains("No active routes."))
        }
    }

    @Test func `a TLD under which the name is too long is named`() async throws {
        try await CommandWorld.with { world in
            try world.hasProxy()
            let state = try world.context.preparedStateDirectory()
            var markers = try state.proxyMarkers()
            markers.tlds = try TLD.list(parsing: "test,b.cccccccccccc")
            try state.write(markers)
            world.context.addresses = { _ in [] }
            let name = String(repeating: "a.", count: 119) + "a"
            let result = await world.run("alias \(name) 5432")
            #expect(result.code == 0, "\(result.talk)")
            #expect(result.talk.contains("\(name).b.cccccccccccc exceeds the 253 characters"))
            #expect(!result.talk.contains("\(name).test exceeds"))
        }
    }

    @Test func `without a proxy a name is shown as the next start will serve it`() async throws {
        try await CommandWorld.with { world in
            world.hasNoProxy()
            world.context.isPortDenied = { $0 < 1024 }
            #expect(await world.run("get db").output == "https://db.localhost:1355\n")
            world.context.environment["PORTLESS_HTTPS"] = "0"
            #expect(await world.run("get db").output == "http://db.localhost:1355\n")
            var left = ProxyMarkers()
            left.port = 8443
            left.usesTLS = true
            try world.context.preparedStateDirectory().write(left)
            world.context.environment["PORTLESS_HTTPS"] = nil
            #expect(await world.run("get db").output == "https://db.localhost:8443\n")
        }
    }

    @Test(arguments: [
        ("alias", "Missing arguments."), ("alias db", "Missing arguments."),
        ("alias db 70000", "Invalid port \"70000\"."), ("alias --remove", "No alias name."),
        ("alias --remove db 1", "An alias is removed by its name alone."),
        ("alias db 1 2", "Unexpected argument '2'."),
        ("alias db 1 --bogus", "Unknown flag \"--bogus\"."),
    ])
    func `a wrong call has no effect`(line: String, sentence: String) async throws {
        try await CommandWorld.with { world in
            let result = await world.run(line)
            #expect(result.code == 1)
            #expect(result.talk.hasPrefix("Error: \(sentence)\n"), "\(result.talk)")
        }
    }

    @Test(arguments: ["alias shop 5432", "alias shop 5432 --force"])
    func `a name of an app in the background stays with it`(line: String) async throws {
        try await CommandWorld.with { world in
            world.hasNoProxy()
            let app = try AppName(parsing: "shop")
            let folder = KeeperFolder(of: app, in: try world.context.preparedStateDirectory())
            try folder.create()
            try folder.write(SupervisionPlan(app: app, directory: "/shop", processes: []))
            try folder.writeKeeper(.current, version: Portless.version)
            _ = try world.context.routes().register(
                app.hostnames(under: [.localhost]),
                owner: .process(.current),
                choosingPort: { _ in 4123 },
            )
            let result = await world.run(line)
            #expect(result.code == 1)
            #expect(
                result.talk == """
                    Error: "shop.localhost" is already registered by the app shop of /shop.
                    Take it down with `portless down shop`, or choose another name.

                    """
            )
        }
    }

    @Test func `an alias that isn't there can't be removed`() async throws {
        try await CommandWorld.with { world in
            world.hasNoProxy()
            let result = await world.run("alias --remove nothing")
            #expect(result.code == 1)
            #expect(result.talk.contains("No alias found for \"nothing\"."))
        }
    }
}
