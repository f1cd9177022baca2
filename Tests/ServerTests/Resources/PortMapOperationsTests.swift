import HTTPTypes
import HostSystem
import PortlessCore
import SystemPackage
import Testing

@testable import Server

@Suite struct PortMapOperationsTests {
    private static let node = ProcessIdentity(pid: 812, startTime: 77)

    private static func held(_ port: Port, refusal: String? = nil) -> HeldPort {
        HeldPort(
            of: port,
            listeners: [],
            list: [.init(node, name: "node", command: ["node", "x.js"], folder: "/work/x")],
            refusal: refusal,
        )
    }

    @Test func `the map has the ranges, Portless's own ports and the leases`() async throws {
        try await APIFixture.with { api in
            let lease = try await api.post("/api/leases", #"{"app":"shop","labels":["api","ui"]}"#)
            #expect(lease.status == 201)
            let map = try await api.get("/api/ports/map").json
            let ranges = try #require(map["ranges"]?.array)
            #expect(ranges.compactMap { $0["first"]?.integer } == [5553, 5570, 20000, 4000])
            #expect(map["core"]?.array?.count == 10)
            #expect(map["leases"]?.array == [lease.json])
        }
    }

    @Test func `a lease that was given is the same one again, and is released once`() async throws {
        try await APIFixture.with { api in
            let body = #"{"app":"shop","labels":["api"]}"#
            let first = try await api.post("/api/leases", body)
            #expect(try await api.post("/api/leases", body).json == first.json)
            #expect(try await api.change(.delete, "/api/leases/shop").status == 204)
            #expect(try await api.change(.delete, "/api/leases/shop").status == 404)
        }
    }

    @Test(arguments: [
        #"{"app":"","labels":["api"]}"#, #"{"app":"a b","labels":["api"]}"#,
        #"{"app":"shop","labels":[]}"#, #"{"app":"shop","labels":["api","api"]}"#,
        #"{"app":"shop","labels":["a b"]}"#,
    ])
    func `a lease with a wrong name or label is refused`(body: String) async throws {
        try await APIFixture.with { api in
            let answer = try await api.post("/api/leases", body)
            let leases = try LeaseStore(directory: api.directory).list()
            #expect(answer.status == 400)
            #expect(leases.isEmpty)
        }
    }

    @Test func `a port is explained, with who holds it`() async throws {
        try await APIFixture.with(held: Self.held(4001)) { api in
            let answer = try await api.get("/api/ports/5555").json
            #expect(answer["canEnd"] == .bool(true))
            #expect(answer["processes"]?.array?.first?["pid"]?.integer == 812)
            #expect(answer["processes"]?.array?.first?["startTime"]?.string == "77")
            let sentences = answer["sentences"]?.array?.compactMap(\.string) ?? []
            #expect(sentences.contains { $0.hasPrefix("It belongs to Portless itself") })
            #expect(try await api.get("/api/ports/0").status == 400)
            #expect(try await api.get("/api/ports/70000").status == 400)
            #expect(try await api.get("/api/ports/x").status == 400)
        }
    }

    @Test func `only the process that is meant is ended`() async throws {
        try await APIFixture.with(held: Self.held(4001)) { api in
            for body in [#"{"pid":813}"#, #"{"pid":812,"startTime":"78"}"#] {
                let answer = try await api.post("/api/ports/4001/end", body)
                #expect(answer.status == 409)
                #expect(answer.json["detail"]?.string == "Port 4001 is held by node (812) by now.")
            }
            let answer = try await api.post(
                "/api/ports/4001/end",
                #"{"pid":812,"startTime":"77"}"#,
            )
            #expect(answer.json["text"]?.string == "Ended node (812).")
        }
    }

    @Test func `a process that mustn't be ended isn't`() async throws {
        try await APIFixture.with(held: Self.held(4001, refusal: "It is the shell.")) { api in
            let answer = try await api.post("/api/ports/4001/end", #"{"pid":812}"#)
            #expect(answer.status == 409)
            #expect(answer.json["detail"]?.string == "It is the shell.")
        }
    }
}
