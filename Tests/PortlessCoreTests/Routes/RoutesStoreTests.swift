import HostSystem
import SystemPackage
import TestSupport
import Testing

@testable import PortlessCore

@Suite struct RoutesStoreTests {
    private let us = ProcessIdentity(pid: 100, startTime: 1)
    private let them = ProcessIdentity(pid: 200, startTime: 1)

    private func hostnames(_ names: String...) throws -> [Hostname] {
        try names.map { try #require(Hostname($0)) }
    }

    /// A store in a fresh directory, for which only the given PIDs are alive.
    private func withStore(
        alive: Set<Int32> = [100, 200],
        content: String? = nil,
        _ body: (RoutesStore) throws -> Void,
    ) throws {
        try TemporaryDirectory.with { folder in
            let directory = StateDirectory(path: folder)
            if let content { try directory.write(content, to: directory[.routes]) }
            try body(RoutesStore(directory: directory) { alive.contains($0.pid) })
        }
    }

    private func text(_ store: RoutesStore) throws -> String? {
        try store.directory.text(of: .routes)
    }

    @Test func `a missing file is an empty list`() throws {
        try withStore { store in
            let entries = try store.list() + store.prune()
            #expect(entries.isEmpty)
            #expect(try text(store) == nil)
        }
    }

    private func label(_ name: String, _ port: Port) throws -> RouteLabel {
        let hostname = try #require(Hostname(name))
        return RouteLabel(label: String(hostname.labels[0]), hostname: hostname, port: port)
    }

    @Test func `who has the port of a name is said until the name is registered again`() throws {
        try withStore { store in
            func holders() throws -> [String?] { try store.list().map { $0.route?.heldBy } }
            func register(_ holders: [Port: String]) throws {
                _ = try store.register(
                    hostnames("shop.localhost"),
                    owner: .process(us),
                    labels: [label("api.shop.localhost", 5571)],
                    holders: holders,
                    choosingPort: { _ in 5570 },
                )
            }
            try register([5571: "node (7)"])
            #expect(try holders() == [nil, "node (7)"])
            try register([5570: "node (8)"])
            #expect(try holders() == ["node (8)", nil])
            try register([:])
            #expect(try holders() == [nil, nil])
        }
    }

    @Test func `names of labels lead to their own ports`() throws {
        try withStore { store in
            let registration = try store.register(
                hostnames("shop.localhost"),
                owner: .process(us),
                labels: [label("api.shop.localhost", 5571), label("ui.shop.localhost", 5570)],
            ) { _ in 5570 }
            #expect(registration == RouteRegistration(port: 5570, displaced: []))
            let entries = try store.list()
            #expect(entries.map(\.port) == [5570, 5571, 5570])
            #expect(entries.map(\.label) == [nil, "api", "ui"])
        }
    }

    @Test func `an app called like a label keeps its name, and takes it from the label`() throws {
        try withStore { store in
            let shop = { () throws in
                try store.register(
                    hostnames("shop.localhost"),
                    owner: .process(us),
                    labels: [label("api.shop.localhost", 5571)],
                ) { _ in 5570 }
            }
            let named = { () throws in
                try store.register(hostnames("api.shop.localhost"), owner: .process(them)) { _ in
                    4100
                }
            }
            _ = try shop()
            // No process may be ended for the name of a label.
            #expect(try named() == RouteRegistration(port: 4100, displaced: []))
            #expect(
                try store.list().map(\.hostname) == ["shop.localhost", "api.shop.localhost"]
            )
            #expect(try shop().missing == hostnames("api.shop.localhost"))
            #expect(try store.list().first { $0.port == 4100 }?.owner == .process(them))
        }
    }

    @Test func `all names of an app are registered in one go, in the original's format`() throws {
        try withStore { store in
            let names = try hostnames("a.localhost", "a.test")
            let result = try store.register(names, owner: .process(them)) { _ in 4001 }
            #expect(result == RouteRegistration(port: 4001, displaced: []))
            #expect(
                try text(store) == """
                    [
                      {
                        "hostname": "a.localhost",
                        "port": 4001,
                        "pid": 200,
                        "startTime": 1
                      },
                      {
                        "hostname": "a.test",
                        "port": 4001,
                        "pid": 200,
                        "startTime": 1
                      }
                    ]
                    """
            )
        }
    }

    @Test func `a name of a living process is refused, and then none is registered`() throws {
        try withStore { store in
            _ = try store.register(hostnames("b.localhost"), owner: .process(them)) { _ in 4001 }
            let error = #expect(throws: RoutesError.self) {
                try store.register(
                    hostnames("a.localhost", "b.localhost"),
                    owner: .process(us),
                ) { _ in 4002 }
            }
            #expect(error?.description.contains("already registered") == true)
            #expect(error?.description.contains("PID 200") == true)
            #expect(error?.description.contains("Stop that process") == true)
            #expect(try store.list().map(\.hostname) == ["b.localhost"])
        }
    }

    @Test func `force replaces it and tells whom to stop`() throws {
        try withStore { store in
            let names = try hostnames("a.localhost", "a.test")
            _ = try store.register(names, owner: .process(them)) { _ in 4001 }
            let result = try store.register(names, owner: .process(us), force: true) { _ in 4002 }
            #expect(result.displaced == [them])
            #expect(try store.list().map(\.pid) == [100, 100])
            // The displaced one cleans up after itself, and must not hit its successor.
            #expect(try store.remove(names, ownedBy: .process(them)).isEmpty)
            #expect(try store.list().count == 2)
            #expect(try store.remove(names, ownedBy: .process(us)).count == 2)
        }
    }

    @Test func `an app over an alias needs force, and no process is stopped`() throws {
        try withStore { store in
            let names = try hostnames("a.localhost")
            _ = try store.register(names, owner: .alias) { _ in 5432 }
            #expect(throws: RoutesError.isAlias(names[0])) {
                try store.register(names, owner: .process(us)) { _ in 4001 }
            }
            let result = try store.register(names, owner: .process(us), force: true) { _ in 4001 }
            #expect(result.displaced.isEmpty)
        }
    }

    @Test func `an alias replaces an alias`() throws {
        try withStore { store in
            let names = try hostnames("a.localhost")
            _ = try store.register(names, owner: .alias) { _ in 1 }
            _ = try store.register(names, owner: .alias) { _ in 2 }
            #expect(try store.list().map(\.port) == [2])
        }
    }

    @Test func `a process registers its own name again without force`() throws {
        try withStore { store in
            let names = try hostnames("a.localhost")
            _ = try store.register(names, owner: .process(us)) { _ in 4001 }
            let again = try store.register(names, owner: .process(us)) { _ in 4002 }
            #expect(again.displaced.isEmpty)
            #expect(try store.list().map(\.port) == [4002])
        }
    }

    @Test func `entries of ended processes block no registration`() throws {
        let content = """
            [{"hostname":"a.localhost","port":4001,"pid":300},
            {"hostname":"b.localhost","port":4002,"pid":0}]
            """
        try withStore(content: content) { store in
            #expect(try store.dead().map(\.pid) == [300])
            var seen: Set<Port> = []
            _ = try store.register(hostnames("a.localhost"), owner: .process(us)) { taken in
                seen = taken
                return 4001
            }
            #expect(seen == [4002])
            #expect(try store.list().map(\.pid) == [0, 100])
        }
    }

    @Test func `prune returns what it drops`() throws {
        let content = #"[{"hostname":"a.localhost","port":4001,"pid":300}]"#
        try withStore(content: content) { store in
            let dropped = try store.prune()
            #expect(dropped.map(\.hostname) == ["a.localhost"])
            #expect(try text(store) == "[]")
        }
    }

    @Test func `what isn't understood survives every change`() throws {
        let content = """
            ["note",{"hostname":"a.localhost","port":4001,"pid":0,"future":{"x":[1.0]}},
            {"hostname":7,"port":4001,"pid":300}]
            """
        try withStore(content: content) { store in
            try store.update(hostnames("a.localhost")) { $0.ngrokURL = "https://n" }
            _ = try store.register(hostnames("b.localhost"), owner: .process(us)) { _ in 4002 }
            let value = try JSONValue(parsing: AtomicFile.read(store.directory[.routes]))
            #expect(value.array?.first == .string("note"))
            #expect(value.array?[1]["future"] == .object(["x": .array([.number("1.0")])]))
            #expect(value.array?[1]["ngrokUrl"] == .string("https://n"))
            #expect(value.array?[2]["hostname"] == .number("7"))
            #expect(value.array?.count == 4)
        }
    }

    @Test func `a change of a name that is gone or another's does nothing`() throws {
        try withStore { store in
            let names = try hostnames("a.localhost")
            try store.update([names[0]]) { $0.move(to: 1) }
            _ = try store.register(names, owner: .process(them)) { _ in 4001 }
            try store.update([names[0]], ownedBy: .process(us)) { $0.move(to: 1) }
            #expect(try store.list().map(\.port) == [4001])
            try store.update([names[0]], ownedBy: .process(them)) { $0.move(to: 4711) }
            #expect(try store.list().map(\.port) == [4711])
        }
    }

    @Test(arguments: ["", "[", "{}", #"[{"hostname":"a.loc"#, "null"])
    func `a file that can't be read is an error and stays as it is`(content: String) throws {
        try withStore(content: content) { store in
            let error = #expect(throws: RoutesError.self) {
                try store.register(hostnames("a.localhost"), owner: .process(us)) { _ in 4001 }
            }
            #expect(error?.description.contains(store.directory[.routes].string) == true)
            #expect(throws: RoutesError.self) { try store.list() }
            let remaining = try text(store)
            #expect(remaining == content)
        }
    }

    @Test func `a real process counts by its start time`() throws {
        try TemporaryDirectory.with { folder in
            let store = RoutesStore(directory: StateDirectory(path: folder))
            let current = ProcessIdentity.current
            let earlier = ProcessIdentity(
                pid: current.pid,
                startTime: current.startTime.map { $0 - 1 },
                namespace: current.namespace,
            )
            _ = try store.register(hostnames("a.localhost"), owner: .process(current)) { _ in 1 }
            _ = try store.register(hostnames("b.localhost"), owner: .process(earlier)) { _ in 2 }
            #expect(try store.list().map(\.hostname) == ["a.localhost"])
        }
    }

    @Test func `processes of another namespace are never collected and never to be stopped`() throws
    {
        try TemporaryDirectory.with { folder in
            let store = RoutesStore(directory: StateDirectory(path: folder))
            let names = try hostnames("a.localhost")
            let foreign = ProcessIdentity(pid: 1, startTime: 1, namespace: 99)
            let current = ProcessIdentity.current
            guard current.namespace != nil else { return }
            _ = try store.register(names, owner: .process(foreign)) { _ in 4001 }
            #expect(try store.prune().isEmpty)
            let result = try store.register(names, owner: .process(current), force: true) { _ in 1 }
            #expect(result.displaced.isEmpty)
        }
    }

    @Test func `files are replaced, but overwritten while the original's proxy watches them`()
        throws
    {
        try withStore { store in
            let directory = store.directory
            func inode() throws -> UInt64? { try FileStatus.of(directory[.routes])?.inode }
            _ = try store.register(hostnames("a.localhost"), owner: .alias) { _ in 1 }
            let first = try inode()
            _ = try store.register(hostnames("b.localhost"), owner: .alias) { _ in 2 }
            let second = try inode()
            #expect(first != second)
            try directory.write("200", to: directory[.proxyPID])
            _ = try store.register(hostnames("c.localhost"), owner: .alias) { _ in 3 }
            #expect(try inode() == second)
            #expect(try store.list().count == 3)
        }
    }

    // MARK: Paths

    private func names(_ host: String, _ path: String?) throws -> RouteNames {
        RouteNames(
            own: try hostnames(host),
            path: try path.flatMap { try RoutePath(parsing: $0) },
        )
    }

    @Test func `apps share a host by their paths`() throws {
        try withStore { store in
            let (whole, api) = try (
                names("shop.localhost", nil), names("shop.localhost", "/api"),
            )
            _ = try store.register(whole, owner: .process(us)) { _ in 4001 }
            _ = try store.register(api, owner: .process(them)) { _ in 4002 }
            #expect(try store.list().map(\.pathPrefix) == ["", "/api"])
            #expect(throws: RoutesError.self) {
                try store.register(api, owner: .process(us)) { _ in 4003 }
            }
            try store.update(api.own, .only(api.path), ownedBy: .process(them)) {
                $0.move(to: 4004)
            }
            #expect(try store.list().map(\.port) == [4001, 4004])
            let removed = try store.remove(whole.own, ownedBy: nil)
            #expect(removed.map(\.pathPrefix) == [""])
            let taken = try store.register(api, owner: .process(us), force: true) { _ in 4005 }
            #expect(taken.displaced == [them])
            #expect(try store.list().map(\.port) == [4005])
        }
    }

    @Test func `one process may have several paths of a host`() throws {
        try withStore { store in
            for (path, port) in [("/a", 4001), ("/b", 4002)] as [(String, Port)] {
                let names = try names("shop.localhost", path)
                _ = try store.register(names, owner: .process(us)) { _ in port }
            }
            try store.remove(hostnames("shop.localhost"), ownedBy: .process(us))
            #expect(try store.list().map(\.pathPrefix) == ["/a", "/b"])
            try store.remove(hostnames("shop.localhost"), .all, ownedBy: .process(us))
            #expect(try store.list().isEmpty)
        }
    }

    @Test func `an alias may lead to a socket`() throws {
        try withStore { store in
            let names = try names("shop.localhost", nil)
            _ = try store.registerAlias(names, socket: "/run/a.sock", force: false)
            #expect(try store.list().map(\.socket) == ["/run/a.sock"])
            #expect(throws: RoutesError.isAlias(names.own[0])) {
                try store.register(names, owner: .process(us)) { _ in 4001 }
            }
        }
    }
}
