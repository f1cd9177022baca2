import HostSystem
import TestSupport
import Testing

@testable import PortlessCore

@Suite struct RoutesStoreMirrorTests {
    private let mirror = Route.Owner.process(ProcessIdentity(pid: 100, startTime: 1))
    private let app = Route.Owner.process(ProcessIdentity(pid: 200, startTime: 1))

    private func name(_ name: String) throws -> Hostname { try #require(Hostname(name)) }

    private func names(_ names: String...) throws -> [MirroredName] {
        try names.map {
            MirroredName(
                hostname: try name("\($0).box.localhost"),
                remote: try name("\($0).localhost"),
            )
        }
    }

    private func withStore(_ body: (RoutesStore) throws -> Void) throws {
        try TemporaryDirectory.with { folder in
            try body(RoutesStore(directory: StateDirectory(path: folder)) { _ in true })
        }
    }

    private func hostnames(_ store: RoutesStore) throws -> [String] {
        try store.list().map(\.hostname)
    }

    @Test func `names come and go with the other machine's`() throws {
        try withStore { store in
            try store.mirror(names("shop", "api.shop"), from: "box", port: 4100, owner: mirror)
            #expect(try hostnames(store) == ["shop.box.localhost", "api.shop.box.localhost"])
            let route = try #require(store.list().first?.route)
            #expect(route.upstreamHost == (try name("shop.localhost")) && route.port == 4100)
            try store.mirror(names("blog"), from: "box", port: 4100, owner: mirror)
            #expect(try hostnames(store) == ["blog.box.localhost"])
            try store.mirror([], from: "box", port: 4100, owner: mirror)
            #expect(try hostnames(store) == [])
        }
    }

    @Test func `an app of the same name has it, in whatever order they come`() throws {
        try withStore { store in
            func register(_ host: String) throws {
                _ = try store.register([name(host)], owner: app, choosingPort: { _ in 4001 })
            }
            try register("shop.box.localhost")
            let wanted = try names("shop", "blog")
            let taken = try store.mirror(wanted, from: "box", port: 4100, owner: mirror)
            #expect(taken == [try name("shop.box.localhost")])
            try register("blog.box.localhost")
            #expect(try store.list().allSatisfy { $0.isOwned(by: app) })
            _ = try store.remove([name("blog.box.localhost")], ownedBy: app)
            try store.mirror(wanted, from: "box", port: 4100, owner: mirror)
            #expect(try hostnames(store) == ["shop.box.localhost", "blog.box.localhost"])
        }
    }

    @Test func `unchanged names leave the file alone`() throws {
        try withStore { store in
            let wanted = try names("shop", "blog")
            try store.mirror(wanted, from: "box", port: 4100, owner: mirror)
            _ = try store.register([name("x.localhost")], owner: app, choosingPort: { _ in 4001 })
            let before = try store.directory.text(of: .routes)
            try store.mirror(wanted, from: "box", port: 4100, owner: mirror)
            #expect(try store.directory.text(of: .routes) == before)
        }
    }
}
