import PortlessCore
import Testing

@testable import Server

@Suite struct PortOperationsTests {
    @Test func `ports are allocated in a row, to one caller each`() async throws {
        try await APIFixture.with(busyPorts: [5571]) { api in
            var seen: Set<Int> = []
            for count in ["3", "\"2\"", "1"] {
                let answer = try await api.post("/api/ports/allocate", "{\"count\":\(count)}")
                let ports = try #require(answer.json["allocated"]?.array).compactMap(\.integer)
                #expect(ports == Array((ports.first ?? 0)..<(ports.first ?? 0) + ports.count))
                #expect(seen.isDisjoint(with: ports))
                #expect(!ports.contains(5571))
                seen.formUnion(ports)
            }
            #expect(seen.count == 6)
        }
    }

    @Test func `the same name gets the same ports again`() async throws {
        try await APIFixture.with { api in
            let body = #"{"count":2,"app":"shop"}"#
            let first = try await api.post("/api/ports/allocate", body)
            let second = try await api.post("/api/ports/allocate", body)
            #expect(first.json == second.json)
            let lease = try LeaseStore(directory: api.directory).list().first
            #expect(lease?.app.description == "shop")
        }
    }

    @Test(arguments: ["0", "11", "\"x\"", "1.5", "null"])
    func `no other number of ports is allocated`(count: String) async throws {
        try await APIFixture.with { api in
            let answer = try await api.post("/api/ports/allocate", "{\"count\":\(count)}")
            #expect(answer.status == 400)
        }
    }

    @Test func `a port is free if nothing listens there and no app has it`() async throws {
        try await APIFixture.with(busyPorts: [5575]) { api in
            _ = try await api.post("/api/ports/allocate", #"{"count":1,"app":"shop"}"#)
            let lease = try #require(try LeaseStore(directory: api.directory).list().first)
            let taken = try #require(lease.ports.first?.port)
            let answer = try await api.post(
                "/api/ports/check",
                "{\"ports\":[80,6000,5555,\(taken),5575,5599]}",
            )
            let expected =
                #"{"80":false,"6000":false,"5555":false,"\#(taken)":false,"5575":false,"5599":true}"#
            #expect(answer.json.compact == expected)
        }
    }

    @Test func `a scan tells what is claimed, listened on and free`() async throws {
        try await APIFixture.with { api in
            let lease = try await api.post("/api/ports/allocate", #"{"count":1,"app":"shop"}"#)
            let port = try #require(lease.json["allocated"]?.array?.first)
            let scan = try await api.get("/api/ports/scan")
            #expect(PortSchemas.scan.problem(with: scan.json) == nil)
            #expect(scan.json["reservedPorts"]?.array?.contains(port) == true)
            #expect(scan.json["suggestedPorts"]?.array?.contains(port) == false)
            let table = try await api.get("/api/ports")
            #expect(PortSchemas.table.problem(with: table.json) == nil)
            #expect(table.json["ports"]?.array?.contains { $0["app"]?.string == "shop" } == true)
        }
    }

    @Test func `ports that follow one another are one range`() {
        let runs = PortOperations.runs(of: [5572, 5570, 5571, 5580])
        #expect(runs.map { [$0.first.number, $0.last.number] } == [[5570, 5572], [5580, 5580]])
    }
}
