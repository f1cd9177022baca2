import HostSystem
import SystemPackage
import Testing

@testable import PortlessCore

struct PortTableTests {
    private func claim(
        _ app: String,
        _ port: Port,
        origin: PortClaim.Origin = .leased,
        directory: FilePath? = nil,
        run: PortClaim.Run? = nil,
    ) -> PortClaim {
        PortClaim(
            app: app,
            label: "api",
            port: port,
            origin: origin,
            directory: directory,
            run: run,
        )
    }

    private let node = ObservedListener(
        port: 5570,
        address: "127.0.0.1",
        process: ObservedProcess(pid: 8, command: "node"),
        app: "a",
    )

    private func state(_ claims: [PortClaim], _ listeners: [ObservedListener]) -> PortRow.State? {
        PortTable(claims: claims, listeners: listeners).rows.first?.state
    }

    @Test
    func `every state of a port is told apart`() {
        let own = claim("a", 5570)
        #expect(state([own], []) == .leased)
        #expect(state([claim("a", 5570, origin: .declared)], []) == .free)
        #expect(state([claim("a", 5570, run: .running)], []) == .leased)
        #expect(state([claim("a", 5570, run: .ended)], []) == .crashed)
        #expect(state([own, claim("b", 5570)], []) == .conflict)
        #expect(state([own], [node]) == .listening)
        #expect(state([own, claim("b", 5570)], [node]) == .listening)
        var stranger = node
        stranger.app = "b"
        #expect(state([own], [stranger]) == .wrongProcess)
        var elsewhere = node
        elsewhere.answersLoopback = false
        #expect(state([own], [elsewhere]) == .wrongAddress)
    }

    @Test
    func `a run on another app's port is the wrong process there, and right in its own row`() {
        var blog = node
        blog.app = "blog"
        let stray = PortClaim(
            app: "blog",
            label: "app",
            port: 5570,
            origin: .declared,
            provenance: PortClaim.ownRun,
            run: .running,
        )
        let table = PortTable(claims: [claim("a", 5570), stray], listeners: [blog])
        #expect(table.rows.map(\.state) == [.wrongProcess, .listening])
        // What its project gives a label is the app's own claim.
        var labeled = stray
        labeled.label = "ui"
        let configured = PortTable(claims: [claim("a", 5570), labeled], listeners: [])
        #expect(configured.rows.map(\.state) == [.conflict, .conflict])
        let runs = PortTable(
            claims: [claim("a", 4100, origin: .ephemeral), claim("b", 4100, origin: .ephemeral)],
            listeners: [],
        )
        #expect(runs.rows.map(\.state) == [.conflict, .conflict])
    }

    @Test
    func `a process that Portless did not start is judged by its folder and by the run`() {
        var stranger = node
        stranger.app = nil
        #expect(state([claim("a", 5570)], [stranger]) == .listening)
        #expect(state([claim("a", 5570, run: .running)], [stranger]) == .wrongProcess)
        stranger.directory = "/src/a/api"
        #expect(state([claim("a", 5570, directory: "/src/a")], [stranger]) == .listening)
        #expect(state([claim("a", 5570, directory: "/src/b")], [stranger]) == .wrongProcess)
        stranger.directory = "/"
        #expect(state([claim("a", 5570, directory: "/src/b")], [stranger]) == .listening)
        stranger.process?.command = "docker-proxy"
        #expect(state([claim("a", 5570, run: .running)], [stranger]) == .listening)
        stranger.process = nil
        #expect(state([claim("a", 5570, run: .running)], [stranger]) == .listening)
    }

    @Test
    func `UDP is shown, and counts where it is the app's own`() {
        var datagrams = node
        datagrams.isDatagram = true
        let own = PortTable(claims: [claim("a", 5570)], listeners: [datagrams])
        #expect(own.rows.map(\.state) == [.listening])
        #expect(own.rows.map(\.owner) == ["node (8) UDP"])
        datagrams.app = nil
        let unknown = PortTable(claims: [claim("a", 5570)], listeners: [datagrams])
        #expect(unknown.rows.map(\.state) == [.leased])
        #expect(unknown.rows.map(\.owner) == ["node (8) UDP"])
    }

    @Test
    func `the table shows gaps, infrastructure and, if asked, all other listeners`() {
        var other = node
        other.port = 7000
        let table = PortTable(
            claims: [claim("a", 5570), claim("a", 5572)],
            listeners: [node, ObservedListener(port: 6379, address: "127.0.0.1"), other],
        )
        let expected = """
            APP    LABEL  PORT  ORIGIN          STATE      OWNER                   NAME
            a      api    5570  leased          listening  node (8)
            …             5571
            a      api    5572  leased          leased
            Redis  cache  6379  infrastructure  listening  another user's process
            """
        #expect(table.text() == expected)
        let last = "\n-             7000                  listening  node (8)"
        #expect(table.text(isComplete: true) == expected + last)
    }

    @Test
    func `a port is explained in sentences`() {
        var listener = node
        listener.parents = [
            ObservedProcess(pid: 7, command: "npm"), ObservedProcess(pid: 6, command: nil),
        ]
        let table = PortTable(claims: [claim("a", 5570)], listeners: [listener])
        let plan = PortPlan(ranges: PortSettings.standard.ranges)
        #expect(
            table.explanation(of: 5570, plan: plan) == [
                "a has it as api, leased: listening.",
                "node (8) listens on 127.0.0.1 for a, started by npm (7), by PID 6.",
                "Leases come from 5570–5599.",
            ]
        )
        #expect(
            table.explanation(of: 6000, plan: plan) == [
                "Nothing listens on it.", "Browsers refuse to open it.",
            ]
        )
        #expect(
            table.explanation(of: 5590, plan: plan).last
                == "Leases come from 5570–5599; this one is free."
        )
    }
}
