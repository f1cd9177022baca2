import PortlessCore
import SystemPackage
import Testing

@testable import portless

@Suite struct PlanConflictTests {
    private func plan(
        _ label: String,
        _ name: String?,
        _ package: String,
        port: UInt16? = nil,
    ) throws -> AppPlan {
        AppPlan(
            label: label,
            name: try name.map { try AppName(parsing: $0) },
            directory: "/work",
            command: [],
            fixedPort: port.flatMap { Port(Int($0)) },
            package: package,
        )
    }

    @Test func `two packages of one name are refused`() throws {
        let plans = try [
            plan("@acme/ui", "ui.acme", "packages/a"),
            plan("@other/ui", "ui.acme", "packages/b"),
        ]
        let failure = #expect(throws: Failure.self) { try PlanConflict.refuse(plans) }
        #expect(
            failure?.sentence
                == "@acme/ui (packages/a) and @other/ui (packages/b) would both be called ui.acme."
        )
        #expect(failure?.remedy?.contains("\"name\"") == true)
    }

    @Test func `two apps with one fixed port are refused`() throws {
        let plans = try [
            plan("a", "a.shop", "a", port: 4100),
            plan("b", "b.shop", "b", port: 4100),
        ]
        let failure = #expect(throws: Failure.self) { try PlanConflict.refuse(plans) }
        #expect(failure?.sentence == "a and b both want port 4100.")
    }

    @Test func `programs without names have nothing to share`() throws {
        try PlanConflict.refuse([
            plan("a", nil, "a", port: 4100),
            plan("b", nil, "b", port: 4100),
            plan("c", "c.shop", "c", port: 4100),
        ])
    }
}
