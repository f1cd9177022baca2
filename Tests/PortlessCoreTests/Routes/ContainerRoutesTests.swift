import HostSystem
import SystemPackage
import TestSupport
import Testing

@testable import PortlessCore

/// The names of containers beside those of apps.
@Suite struct ContainerRoutesTests {
    private let app = ProcessIdentity(pid: 100, startTime: 1)
    private let watcher = ProcessIdentity(pid: 200, startTime: 1)
    private let web: ContainerRoute

    init() throws {
        web = ContainerRoute(
            hostname: try #require(Hostname("web.localhost")),
            port: 8080,
            container: "shop-web-1",
            exposedAddress: "0.0.0.0",
        )
    }

    private func withStore(
        alive: Set<Int32> = [100, 200],
        _ body: (RoutesStore) throws -> Void,
    ) throws {
        try TemporaryDirectory.with { folder in
            try body(
                RoutesStore(directory: StateDirectory(path: folder)) { alive.contains($0.pid) }
            )
        }
    }

    private func owners(_ store: RoutesStore) throws -> [Int32] { try store.list().map(\.pid) }

    @Test func `a container's name stands in the file and goes with the watcher`() throws {
        try withStore { store in
            #expect(try store.setContainers([web], owner: watcher).isEmpty)
            let entry = try #require(try store.list().first)
            #expect(entry.container == "shop-web-1")
            #expect(entry.exposedAddress == "0.0.0.0")
            #expect(entry.route?.container == "shop-web-1")
            #expect(!entry.isAlias)
            let text = try store.directory.text(of: .routes)
            let before = try FileStatus.of(store.directory[.routes])
            try store.setContainers([web], owner: watcher)
            #expect(try FileStatus.of(store.directory[.routes]) == before)
            #expect(try store.directory.text(of: .routes) == text)
            let other = RoutesStore(directory: store.directory) { $0.pid == 100 }
            #expect(try other.list().isEmpty)
            try store.setContainers([], owner: watcher)
            #expect(try store.list().isEmpty)
        }
    }

    @Test func `an app takes the name over, nothing is ended for it, and it comes back`() throws {
        try withStore { store in
            try store.setContainers([web], owner: watcher)
            let registration = try store.register(
                [web.hostname],
                owner: .process(app),
                choosingPort: { taken in
                    #expect(!taken.contains(8080))
                    return 4000
                },
            )
            #expect(registration.displaced.isEmpty)
            #expect(try owners(store) == [100])
            #expect(try store.setContainers([web], owner: watcher) == [web.hostname])
            #expect(try owners(store) == [100])
            try store.remove([web.hostname], ownedBy: .process(app))
            try store.setContainers([web], owner: watcher)
            #expect(try owners(store) == [200])
        }
    }

    @Test func `force and aliases end no watcher, and an app's label comes first`() throws {
        try withStore { store in
            try store.setContainers([web], owner: watcher)
            let forced = try store.register(
                [web.hostname],
                owner: .alias,
                force: true,
                choosingPort: { _ in 4000 },
            )
            #expect(forced.displaced.isEmpty)
            try store.remove([web.hostname], ownedBy: .alias)
            try store.setContainers([web], owner: watcher)
            let label = RouteLabel(label: "web", hostname: web.hostname, port: 4001)
            let labeled = try store.register(
                [Hostname("shop.localhost")!],
                owner: .process(app),
                labels: [label],
                choosingPort: { _ in 4000 },
            )
            #expect(labeled.missing.isEmpty)
            #expect(try owners(store) == [100, 100])
        }
    }

    @Test func `an app in another container is neither pruned nor displaced`() throws {
        guard let own = ProcessIdentity.current.namespace else { return }
        try TemporaryDirectory.with { folder in
            let store = RoutesStore(directory: StateDirectory(path: folder))
            // Whatever has this PID here is another process.
            let elsewhere = ProcessIdentity(
                pid: 1,
                startTime: 1,
                namespace: own + 1,
                boot: "a virtual machine's",
            )
            let names = [Hostname("inside.localhost")!]
            _ = try store.register(names, owner: .process(elsewhere)) { _ in 4000 }
            #expect(try store.prune().isEmpty)
            let entry = try #require(try store.list().first)
            #expect(entry.isElsewhere)
            #expect(entry.childLeader == nil)
            let error = try #require(throws: RoutesError.self) {
                _ = try store.register(names, owner: .process(app)) { _ in 4001 }
            }
            // The folder of process 1 here says nothing.
            #expect(error == .alreadyRegistered(names[0], pid: 1, folder: nil))
            let forced = try store.register(
                names,
                owner: .process(.current),
                force: true,
                choosingPort: { _ in 4001 },
            )
            #expect(forced.displaced.isEmpty)
        }
    }

    @Test func `a table of ports names the container`() throws {
        let route = try #require(RouteEntry(.object(entry().json))?.route)
        let claims = PortClaims(leases: [], apps: [], routes: [.init(route, hasEnded: false)])
        let forwarder = ObservedListener(
            port: 8080,
            address: "0.0.0.0",
            process: ObservedProcess(pid: 9, command: "docker-proxy"),
            container: "shop-web-1",
        )
        let table = PortTable(claims: claims.list, listeners: [forwarder])
        let row = try #require(table.rows.first)
        #expect(row.claim.origin == .container)
        #expect(row.state == .listening)
        #expect(row.owner == "container shop-web-1")
        // The engine may pass a port on by the kernel alone.
        #expect(PortTable(claims: claims.list, listeners: []).rows.first?.state == .listening)
    }

    private func entry() throws -> RouteEntry {
        var entry: RouteEntry?
        try withStore { store in
            try store.setContainers([web], owner: watcher)
            entry = try store.list().first
        }
        return try #require(entry)
    }

    @Test func `what the server saw is read while it lives`() throws {
        try TemporaryDirectory.with { folder in
            let directory = StateDirectory(path: folder)
            var file = ContainersFile(process: .current, engine: "unix:///x.sock")
            file.containers = [
                .init(
                    name: "web\u{1B}[2J",
                    hostnames: ["web.localhost"],
                    ports: [.init(address: "::", port: 8080, inner: 80)],
                    problem: "No.",
                )
            ]
            try file.write(to: directory)
            #expect(ContainersFile.read(from: directory) == file)
            #expect(file.holders == [8080: "web\u{1B}[2J"])
            file.process = ProcessIdentity(pid: .max, startTime: 1)
            try file.write(to: directory)
            #expect(ContainersFile.read(from: directory) == nil)
            try directory.write("{broken", to: directory[.containers])
            #expect(ContainersFile.read(from: directory) == nil)
            #expect(ContainerSettings.read(from: directory) == ContainerSettings())
            let settings = ContainerSettings(isWatching: true, host: "unix:///x.sock")
            try settings.write(to: directory)
            #expect(ContainerSettings.read(from: directory) == settings)
        }
    }
}
