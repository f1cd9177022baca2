import TestSupport
import Testing

@testable import PortlessCore

struct PortPlanTests {
    private let plan = PortPlan(ranges: PortSettings.standard.ranges)
    private let everythingIsFree: (Port) -> Bool = { _ in true }

    private func app(_ name: String) throws -> AppName { try AppName(parsing: name) }

    private func requests(_ labels: String...) throws -> [LeaseRequest] {
        try labels.map { try LeaseRequest(parsing: $0) }
    }

    @Test
    func `the first app gets the first ports in the order of its labels`() throws {
        let (lease, change) = try plan.lease(
            requests("api:REST API server", "ui"),
            for: app("shop"),
            among: [],
            isFree: everythingIsFree,
        )
        #expect(change == .created)
        #expect(
            lease.ports == [
                LeasedPort(label: "api", port: 5570, description: "REST API server"),
                LeasedPort(label: "ui", port: 5571),
            ]
        )
    }

    @Test
    func `the same request gives the same block, in any order and case`() throws {
        let lease = try #require(
            PortLease(
                app: app("shop"),
                ports: [
                    LeasedPort(label: "api", port: 20010), LeasedPort(label: "devUi", port: 20011),
                ],
            )
        )
        for labels in [["api", "devUi"], ["DEVUI", "Api"], ["devUi"]] {
            let again = try plan.lease(
                labels.map { try LeaseRequest(parsing: $0) },
                for: app("shop"),
                among: [lease],
                isFree: { _ in false },
            )
            #expect(again.lease == lease)
            #expect(again.change == .unchanged)
        }
    }

    @Test
    func `a block skips what is listening, leased, declared, well-known or avoided`() throws {
        let other = try #require(
            PortLease(app: app("other"), ports: [LeasedPort(label: "api", port: 5573)])
        )
        let plan = PortPlan(
            ranges: PortSettings.standard.ranges,
            avoided: [PortSettings.emulator],
            declared: [5588],
        )
        let (lease, _) = try plan.lease(
            requests("a", "b", "c"),
            for: app("shop"),
            among: [other],
            isFree: { $0 != 5591 },
        )
        #expect(lease.range?.first == 5592)
    }

    @Test
    func `a block never spans two ranges, and the second range follows the first`() throws {
        let (lease, _) = try plan.lease(
            (0..<31).map { try LeaseRequest(parsing: "l\($0)") },
            for: app("shop"),
            among: [],
            isFree: everythingIsFree,
        )
        #expect(lease.range?.first == 20000)
        #expect(lease.range?.last == 20030)
    }

    @Test
    func `more labels grow the block in place, behind it or in front of it`() throws {
        let own = try #require(
            PortLease(app: app("shop"), ports: [LeasedPort(label: "api", port: 5580)])
        )
        let behind = try plan.lease(
            requests("api", "ui"),
            for: app("shop"),
            among: [own],
            isFree: everythingIsFree,
        )
        #expect(behind.change == .grown)
        #expect(behind.lease.port("ui") == 5581)
        let neighbour = try #require(
            PortLease(app: app("other"), ports: [LeasedPort(label: "api", port: 5581)])
        )
        let before = try plan.lease(
            requests("ui"),
            for: app("shop"),
            among: [own, neighbour],
            isFree: everythingIsFree,
        )
        #expect(before.lease.port("ui") == 5579)
        #expect(before.lease.port("api") == 5580)
    }

    @Test
    func `a block that can't grow moves only when told so`() throws {
        let leases = try [("left", 5579), ("shop", 5580), ("right", 5581)].map { name, number in
            let port = try #require(Port(number))
            return try #require(
                PortLease(app: app(name), ports: [LeasedPort(label: "api", port: port)])
            )
        }
        #expect(throws: LeaseError.self) {
            try plan.lease(
                requests("api", "ui"),
                for: app("shop"),
                among: leases,
                isFree: everythingIsFree,
            )
        }
        let moved = try plan.lease(
            requests("api", "ui"),
            for: app("shop"),
            among: leases,
            mayMove: true,
            isFree: everythingIsFree,
        )
        #expect(moved.change == .moved(from: try #require(leases[1].range)))
        #expect(moved.lease.ports.map(\.port) == [5570, 5571])
        #expect(moved.lease.ports.map(\.label) == ["api", "ui"])
    }

    @Test
    func `labels that would share a variable are refused, beside leased ones, too`() throws {
        #expect(throws: LeaseError.sameVariable("apiLocal", "api-local")) {
            try plan.lease(
                requests("api-local", "apiLocal"),
                for: app("a"),
                among: [],
                isFree: everythingIsFree,
            )
        }
        let lease = try #require(
            PortLease(app: app("a"), ports: [LeasedPort(label: "devUi", port: 5570)])
        )
        let error = #expect(throws: LeaseError.self) {
            try plan.lease(
                requests("dev-ui"),
                for: app("a"),
                among: [lease],
                isFree: everythingIsFree,
            )
        }
        let expected =
            "The labels \"devUi\" and \"dev-ui\" would both be DEV_UI_PORT. Call one of them something else."
        #expect(error?.description == expected)
    }

    @Test
    func `no labels, repeated labels and labels that are none are errors`() throws {
        #expect(throws: LeaseError.noLabels) {
            try plan.lease([], for: app("a"), among: [], isFree: everythingIsFree)
        }
        #expect(throws: LeaseError.repeatedLabel("API")) {
            try plan.lease(
                requests("api", "API"),
                for: app("a"),
                among: [],
                isFree: everythingIsFree,
            )
        }
        for label in ["portless", "portless-api", "portlessApiLocal"] {
            #expect(throws: LeaseError.reservedLabel(label)) { try LeaseRequest(parsing: label) }
        }
        for label in ["", "5", "a b", "-a", "a.b", "a_b", "ü"] {
            #expect(throws: LeaseError.invalidLabel(label)) { try LeaseRequest(parsing: label) }
        }
    }

    @Test
    func `no room is an error that names the ranges`() throws {
        let plan = PortPlan(ranges: [try #require(PortRange(first: 5590, last: 5591))])
        #expect(throws: LeaseError.noRoom(count: 3, ranges: plan.ranges)) {
            try plan.lease(
                requests("a", "b", "c"),
                for: app("a"),
                among: [],
                isFree: everythingIsFree,
            )
        }
    }

    @Test
    func `suggested blocks don't overlap one another or what is taken`() throws {
        let other = try #require(
            PortLease(app: app("other"), ports: [LeasedPort(label: "api", port: 5572)])
        )
        let blocks = try plan.blocks(of: 3, atMost: 3, among: [other], isFree: everythingIsFree)
        #expect(blocks.map(\.first) == [5573, 5576, 5579])
    }

    @Test(arguments: 0..<200)
    func `whatever is asked for, no two apps share a port and every block is whole`(
        seed: UInt64
    ) throws {
        var random = Mutator(seed: seed)
        let ranges = [
            try #require(PortRange(first: 3655, last: 3670)),
            try #require(PortRange(first: 5560, last: 5600)),
            try #require(PortRange(first: 6660, last: 6700)),
        ]
        let listening = Set(
            (0..<8).compactMap { _ in Port(Int.random(in: 5560...5600, using: &random)) }
        )
        let plan = PortPlan(
            ranges: ranges,
            systemEphemeral: PortRange(first: 6680, last: 6690),
            avoided: Bool.random(using: &random) ? [PortSettings.emulator] : [],
            declared: [5595],
        )
        var leases: [PortLease] = []
        for _ in 0..<60 {
            let name = try app("app\(Int.random(in: 0..<8, using: &random))")
            let labels = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                "l\(Int.random(in: 0..<5, using: &random))"
            }
            let wanted = try Set(labels).sorted().map { try LeaseRequest(parsing: $0) }
            let old = leases.first { $0.app == name }
            do {
                let (lease, change) = try plan.lease(
                    wanted,
                    for: name,
                    among: leases,
                    mayMove: Bool.random(using: &random),
                    isFree: { !listening.contains($0) },
                )
                for request in wanted { #expect(lease.port(request.label) != nil) }
                if case .moved = change {
                } else {
                    for leased in old?.ports ?? [] {
                        #expect(lease.port(leased.label) == leased.port)
                    }
                }
                leases.removeAll { $0.app == name }
                if Int.random(in: 0..<6, using: &random) > 0 { leases.append(lease) }
                let again = try plan.lease(
                    wanted,
                    for: name,
                    among: leases + [lease],
                    isFree: { _ in true },
                )
                #expect(leases.contains(lease) == false || again.change == .unchanged)
            } catch is LeaseError {}
            let all = leases.flatMap { $0.ports.map(\.port) }
            #expect(Set(all).count == all.count)
            for port in all {
                #expect(ranges.contains { $0.contains(port) })
                #expect(!WellKnownPorts.contains(port) && !BrowserBlockedPorts.contains(port))
                #expect(!PortSettings.core.contains(port) && port != 5595)
                #expect(!listening.contains(port))
                #expect(plan.systemEphemeral?.contains(port) == false)
                #expect(!plan.avoided.contains { $0.contains(port) })
            }
            for lease in leases {
                #expect(lease.range?.count == lease.ports.count)
            }
        }
    }
}
