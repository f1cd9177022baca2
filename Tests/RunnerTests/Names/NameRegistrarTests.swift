import HostSystem
import PortlessCore
import TestSupport
import Testing

@testable import Runner

struct NameRegistrarTests {
    private final class Counter {
        var count = 0
    }

    private func names(_ own: String, label: (String, Port)? = nil) throws -> RouteNames {
        let labels = try label.map { name, port in
            RouteLabel(label: "x", hostname: try #require(Hostname(name)), port: port)
        }
        return RouteNames(own: [try #require(Hostname(own))], labels: labels.map { [$0] } ?? [])
    }

    private func withRegistrar(
        _ body: (NameRegistrar, RoutesStore, Counter) throws -> Void
    ) throws {
        try TemporaryDirectory.with { folder in
            let routes = RoutesStore(directory: StateDirectory(path: folder))
            let changes = Counter()
            try body(NameRegistrar(routes) { changes.count += 1 }, routes, changes)
        }
    }

    @Test func `names lead to their ports until they are removed`() throws {
        try withRegistrar { registrar, routes, changes in
            let names = try registrar.register(
                names("shop.localhost", label: ("api.shop.localhost", 4001)),
                on: 4000,
            )
            #expect(try routes.list().map(\.port) == [4000, 4001])
            try names.remove()
            #expect(try routes.list().isEmpty)
            #expect(changes.count == 2)
        }
    }

    @Test func `of several processes all names are registered, or none`() throws {
        try withRegistrar { registrar, routes, changes in
            let parent = try #require(ProcessIdentity.of(pid: 1))
            _ = try routes.register(
                names("api.localhost").own,
                owner: .process(parent),
                choosingPort: { _ in 4009 },
            )
            #expect(throws: RoutesError.self) {
                _ = try registrar.register([
                    (names("web.localhost"), .known(4000)), (names("api.localhost"), .known(4001)),
                ])
            }
            #expect(try routes.list().map(\.hostname) == ["api.localhost"])
            #expect(try routes.list().map(\.port) == [4009])
        }
    }

    @Test func `each process gets a free port of its own`() throws {
        try withRegistrar { registrar, routes, changes in
            let registered = try registrar.register([
                (names("web.localhost"), .ephemeral { _ in true }),
                (names("api.localhost"), .ephemeral { _ in true }),
            ])
            #expect(Set(registered.map(\.port)).count == 2)
            #expect(changes.count == 1)
        }
    }

    @Test func `a label's name moves with the primary port, but not once an app has it`() throws {
        try withRegistrar { registrar, routes, _ in
            var names = try registrar.register(
                names("shop.localhost", label: ("ui.shop.localhost", 4000)),
                on: 4000,
            )
            try names.move(to: 5000)
            #expect(names.port == 5000 && names.assigned == 4000)
            #expect(try routes.list().map(\.port) == [5000, 5000])
            let parent = try #require(ProcessIdentity.of(pid: 1))
            let label = try #require(Hostname("ui.shop.localhost"))
            _ = try routes.register([label], owner: .process(parent)) { _ in 4009 }
            try names.move(to: 5001)
            let ports = try routes.list().sorted { $0.hostname < $1.hostname }.map(\.port)
            #expect(ports == [5001, 4009])
            try names.remove()
            #expect(try routes.list().map(\.hostname) == ["ui.shop.localhost"])
        }
    }

    @Test func `a label's name that an app has is missing, and its address isn't told`() throws {
        try withRegistrar { registrar, routes, _ in
            let parent = try #require(ProcessIdentity.of(pid: 1))
            let taken = try #require(Hostname("api.shop.localhost"))
            _ = try routes.register([taken], owner: .process(parent)) { _ in 4009 }
            let names = try registrar.register(
                names("shop.localhost", label: ("api.shop.localhost", 4001)),
                on: 4000,
            )
            #expect(names.missing == [taken])
            #expect(names.names.all.map(\.description) == ["shop.localhost"])
        }
    }
}
