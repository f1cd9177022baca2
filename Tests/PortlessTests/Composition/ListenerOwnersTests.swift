import Logging
import PortlessCore
import Proxy
import Testing

@testable import HostSystem
@testable import portless

@Suite struct ListenerOwnersTests {
    private static let app = ProcessIdentity(pid: 100, startTime: 1)
    private static let neighbour = ProcessIdentity(pid: 200, startTime: 1)

    private func route(
        _ name: String,
        _ owner: Route.Owner,
        heldBy: String? = nil,
        container: String? = nil,
    ) throws -> Route {
        Route(
            hostname: try #require(Hostname(name)),
            port: 4001,
            owner: owner,
            heldBy: heldBy,
            container: container,
        )
    }

    private func socket(
        _ address: IPAddress,
        _ id: UInt64,
        isDualStack: Bool = false,
    )
        -> ListeningSocket
    {
        ListeningSocket(
            kind: .tcp,
            local: SocketAddress(address, port: 4001),
            isDualStack: isDualStack,
            uid: 0,
            id: id,
        )
    }

    /// The verdict on the app with `own` sockets among all `listeners`.
    private func verdict(
        _ listeners: [ListeningSocket],
        own: Set<UInt64> = [],
        marked: Set<UInt64> = [],
        neighbours: Set<UInt64> = [],
        owner: Route.Owner = .process(app),
        heldBy: String? = nil,
        container: String? = nil,
    ) throws -> ListenerVerdict {
        let owners = ListenerOwners(
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            system: .init(
                listeners: { _ in listeners },
                held: { $0 == Self.app ? own : $0 == Self.neighbour ? neighbours : [] },
                marked: { sockets, run in
                    run == Self.app ? marked.intersection(sockets.map(\.id)) : []
                },
            ),
        )
        let app = try route("app.localhost", owner, heldBy: heldBy, container: container)
        let others = [app, try route("other.localhost", .process(Self.neighbour))]
        return owners.verdict(on: app, among: others)
    }

    @Test func `a server that went into the background is the app's own`() throws {
        let both = [socket(.loopbackIPv4, 1), socket(.loopbackIPv6, 2)]
        #expect(try verdict([both[0]], marked: [1]) == .dial([.v4]))
        #expect(try verdict(both, marked: [1, 2]) == .dial([.v4, .v6]))
        #expect(try verdict(both, own: [2], marked: [1]) == .dial([.v4, .v6]))
    }

    @Test func `a container's name leads to the engine's listener, whatever watches`() throws {
        let published = [socket(.loopbackIPv4, 1)]
        #expect(try verdict(published, own: [2], container: "web") == .unrestricted)
        #expect(try verdict(published, own: [1], container: "web") == .unrestricted)
    }

    @Test func `sockets here say nothing of an app in another PID namespace`() throws {
        guard let own = ProcessIdentity.current.namespace else { return }
        // Its PID is the neighbour's here.
        let elsewhere = ProcessIdentity(pid: 200, startTime: 1, namespace: own + 1)
        let verdict = try verdict(
            [socket(.loopbackIPv4, 1)],
            neighbours: [2],
            owner: .process(elsewhere),
        )
        #expect(verdict == .unrestricted)
    }

    @Test func `an own listener doesn't vouch for a stranger's on the other address`() throws {
        let both = [socket(.loopbackIPv4, 1), socket(.loopbackIPv6, 2)]
        #expect(try verdict(both, own: [1]) == .dial([.v4]))
        #expect(try verdict(both, own: [2]) == .dial([.v6]))
        #expect(try verdict(both, own: [1, 2]) == .unrestricted)
        #expect(try verdict(both, own: [1], neighbours: [2]) == .dial([.v4]))
    }

    @Test func `where only the app listens no other address is tried`() throws {
        #expect(try verdict([socket(.loopbackIPv4, 1)], own: [1]) == .dial([.v4]))
        #expect(try verdict([socket(.loopbackIPv6, 1)], own: [1]) == .dial([.v6]))
        #expect(try verdict([socket(.anyIPv6, 1, isDualStack: true)], own: [1]) == .unrestricted)
        #expect(try verdict([socket(.anyIPv6, 1)], own: [1]) == .dial([.v6]))
        #expect(try verdict([socket(.anyIPv4, 1)], own: [1]) == .dial([.v4]))
    }

    @Test func `a stranger at the very address goes before the app on all addresses`() throws {
        let everywhere = socket(.anyIPv6, 1, isDualStack: true)
        #expect(try verdict([everywhere, socket(.loopbackIPv4, 2)], own: [1]) == .dial([.v6]))
        let taken = [socket(.anyIPv4, 1), socket(.loopbackIPv4, 2)]
        #expect(
            try verdict(taken, own: [1])
                == .refuse(holder: "a process that portless did not start")
        )
        // Two that share one address: either may get the connection.
        let shared = [socket(.loopbackIPv4, 1), socket(.loopbackIPv4, 2)]
        #expect(
            try verdict(shared, own: [1])
                == .refuse(holder: "a process that portless did not start")
        )
    }

    @Test func `another app is refused, a stranger passes, an alias isn't asked about`() throws {
        let one = [socket(.loopbackIPv4, 1)]
        #expect(
            try verdict(one, neighbours: [1])
                == .refuse(holder: "another app (other.localhost, pid 200)")
        )
        let both = one + [socket(.loopbackIPv6, 2)]
        #expect(
            try verdict(both, neighbours: [2])
                == .refuse(holder: "another app (other.localhost, pid 200)")
        )
        #expect(try verdict(one) == .unrestricted)
        #expect(try verdict([]) == .unrestricted)
        #expect(try verdict(one, neighbours: [1], owner: .alias) == .unrestricted)
    }

    @Test func `what listens where an app waits for its port is refused, an alias's isn't`() throws
    {
        let one = [socket(.loopbackIPv4, 1)]
        #expect(try verdict(one, heldBy: "node (7)") == .refuse(holder: "node (7)"))
        #expect(try verdict([], heldBy: "node (7)") == .unrestricted)
        #expect(try verdict(one, owner: .alias, heldBy: "node (7)") == .unrestricted)
    }
}
