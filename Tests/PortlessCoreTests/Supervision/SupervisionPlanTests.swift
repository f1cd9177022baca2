import HostSystem
import SystemPackage
import Testing

@testable import PortlessCore

@Suite struct SupervisionPlanTests {
    @Test func `a plan survives being written and read`() throws {
        var process = PlannedProcess(
            name: "web",
            command: ["node", "server.js"],
            directory: "/srv/shop",
            environment: ["PORT": "4000", "A": "b=c\n"],
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
        process.endsDescendants = true
        process.outputFile = "/srv/shop/out.log"
        process.dependencies = ["db"]
        var plan = SupervisionPlan(
            app: try AppName(parsing: "shop"),
            directory: "/srv/shop",
            processes: [process],
        )
        plan.logSize = 4096
        let text = plan.json.formatted
        #expect(try SupervisionPlan(json: JSONValue(parsing: text.utf8)) == plan)
    }

    @Test(arguments: [
        (#"{}"#, "plan.app has to be a string"),
        (#"{"app": "a", "directory": "x", "processes": []}"#, "absolute path"),
        (
            #"{"app": "a", "directory": "/", "processes": [{"name": "../x"}]}"#,
            "plan.processes[0].name has to be a process name",
        ),
        (
            #"{"app": "a", "directory": "/", "processes": [{"name": "x", "command": []}]}"#,
            "plan.processes[0].command has to be a program",
        ),
    ])
    func `what is wrong with a plan is named`(text: String, problem: String) throws {
        let json = try JSONValue(parsing: text.utf8)
        do {
            _ = try SupervisionPlan(json: json)
            Issue.record("it was taken")
        } catch {
            #expect("\(error)".contains(problem))
        }
    }

    @Test func `what a keeper tells survives, too`() throws {
        var process = SupervisedProcess(
            name: "web",
            state: .crashLooping,
            ports: [.init(label: "ui", port: 4000)],
            primaryPort: 4000,
            urls: ["https://shop.localhost"],
        )
        process.identity = ProcessIdentity(pid: 42, startTime: 7)
        process.lastExit = ProcessExit(
            cause: .unknown,
            time: Timestamp(milliseconds: 5),
            uptime: .milliseconds(6),
            wasRequested: false,
        )
        process.reason = "It exited with code 1."
        #expect(SupervisedProcess(json: process.json) == process)
    }

    @Test(arguments: ["9000000000000000000", "-9223372036854775808", "1e999", "0", "-1"])
    func `numbers of a process that no process has become some that it can`(
        number: String
    ) throws {
        let json = try JSONValue(
            parsing: """
                {"name": "web", "state": "online", "pid": \(number), "startedAt": \(number), \
                "restarts": \(number), "unstableRestarts": \(number), "cpu": \(number), \
                "memory": \(number), "lastExit": {"time": \(number), "uptime": \(number)}}
                """.utf8
        )
        let process = try #require(SupervisedProcess(json: json))
        #expect(process.identity == nil)
        #expect((0...1_000_000_000).contains(process.restarts))
        #expect((0...1_000_000_000).contains(process.unstableRestarts))
        let range: ClosedRange<Int64> = -62_167_219_200_000...253_402_300_799_999
        #expect(range.contains(process.startedAt?.milliseconds ?? 0))
        #expect(process.lastExit?.uptime ?? .zero >= .zero)
        #expect(process.cpu?.isFinite ?? true)
        #expect((process.memory ?? 0) >= 0)
        #expect(SupervisedProcess(json: process.json) == process)
    }

    @Test(arguments: ["", ".", "..", "a/b", "-x", "a b", "ä", String(repeating: "x", count: 121)])
    func `names that are no file names are refused`(name: String) {
        #expect(!ProcessName.isValid(name))
    }
}
