import PortlessCore
import SystemPackage
import Testing

@testable import Server

@Suite struct PlanSchemaTests {
    private func plan() throws -> SupervisionPlan {
        var process = PlannedProcess(
            name: "web",
            command: ["node", "server.js"],
            directory: "/srv/shop",
            environment: ["PORT": "4000"],
        )
        process.ports = [.init(label: "ui", port: 4000), .init(label: "ws", port: 4001)]
        process.primaryPort = 4000
        process.inherited = ["HOME": "/home/u"]
        process.names.own = [try #require(Hostname("shop.localhost"))]
        process.names.labels = [
            RouteLabel(
                label: "ws",
                hostname: try #require(Hostname("ws.shop.localhost")),
                port: 4001,
            )
        ]
        process.urls = ["https://shop.localhost"]
        process.restart.backoff = .milliseconds(100)
        process.restart.finalCodes = [0, 3]
        process.memoryLimit = 300 << 20
        process.outputFile = "/srv/shop/out.log"
        process.errorFile = "/srv/shop/error.log"
        process.dependencies = ["db"]
        return SupervisionPlan(
            app: try AppName(parsing: "shop"),
            directory: "/srv/shop",
            processes: [process],
        )
    }

    @Test func `whatever the command line sends fits`() throws {
        #expect(PlanSchema.plan.problem(with: try plan().json) == nil)
    }

    /// A member that the reader refuses has to be described, or clients learn of it by trying.
    @Test func `what can't be read doesn't fit`() throws {
        let json = try #require(try plan().json.object)
        let process = try #require(json["processes"]?.array?.first?.object)
        for key in process.keys {
            var broken = process
            let isFlag = ["endsDescendants", "endsWithCommand"].contains(key)
            broken[key] = isFlag ? .integer(1) : .bool(key != "restart")
            var plan = json
            plan["processes"] = .array([.object(broken)])
            let value = JSONValue.object(plan)
            #expect(throws: (any Error).self, "\(key)") { try SupervisionPlan(json: value) }
            #expect(PlanSchema.plan.problem(with: value)?.contains(key) == true, "\(key)")
        }
    }
}
