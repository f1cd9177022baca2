import HTTPTypes
import HostSystem
import NIOCore
import PortlessCore
import SystemPackage
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(1))) struct LogOperationsTests {
    private func line(_ process: String, _ time: Int64, _ text: String) -> LogLine {
        LogLine(
            process: process,
            time: Timestamp(microseconds: time),
            cursor: time,
            stream: .output,
            text: text,
        )
    }

    private func withLines(_ body: (APIFixture) async throws -> Void) async throws {
        let shop = try SupervisedApp.make("shop", [.online, .online])
        try await APIFixture.with([shop]) { api in
            await api.supervision.write([line("p0", 1, "one"), line("p1", 2, "two")])
            try await body(api)
        }
    }

    @Test func `the last lines of all processes, or of one`() async throws {
        try await withLines { api in
            let all = try await api.get("/api/apps/shop/logs")
            #expect(all.json["logs"]?.string == "p0 | one\np1 | two\n")
            #expect(LogSchemas.tail.problem(with: all.json) == nil)
            let last = try await api.get("/api/apps/shop/logs?lines=1")
            #expect(last.json["logs"]?.string == "p1 | two\n")
            let one = try await api.get("/api/apps/shop/logs?process=p0")
            #expect(one.json["logs"]?.string == "one\n")
            #expect(one.json["processName"]?.string == "p0")
            #expect(try await api.get("/api/apps/shop/logs?process=p9").status == 404)
            #expect(try await api.get("/api/apps/shop/logs?lines=x").status == 400)
            #expect(try await api.get("/api/apps/shop/logs?lines=10001").status == 400)
        }
    }

    @Test func `the original's routes know processes by their names alone`() async throws {
        try await withLines { api in
            let tail = try await api.get("/api/logs/p1?lines=5")
            #expect(tail.json["logs"]?.string == "two\n")
            let byApp = try await api.get("/api/logs/app/shop")
            #expect(byApp.json["processes"]?["p0"]?.string == "one\n")
            let list = try await api.get("/api/logs/processes")
            #expect(list.json.array?.count == 2)
            #expect(try await api.get("/api/logs/p9").status == 404)
        }
    }

    @Test func `a name of two apps' processes is refused`() async throws {
        let shop = try SupervisedApp.make("shop", [.online])
        let blog = try SupervisedApp.make("blog", [.online], directory: "/projects/blog")
        try await APIFixture.with([shop, blog]) { api in
            let answer = try await api.get("/api/logs/p0")
            #expect(answer.status == 409)
            #expect(answer.json["detail"]?.string?.contains("blog, shop") == true)
        }
    }

    @Test func `followed lines are events, with what a client needs to go on`() async throws {
        try await withLines { api in
            let stream = try await api.follow("/api/apps/shop/logs/follow")
            try await stream.contains("two")
            #expect(stream.text.hasPrefix("event: connected\n"))
            let event =
                #"id: 1\#nevent: stdout\#ndata: {"line":"one","type":"stdout","#
                + #""timestamp":"1970-01-01T00:00:00.000Z","process":"p0","time":1,"cursor":1}\#n\#n"#
            #expect(stream.text.contains(event), "\(stream.text)")
            let rest = try await api.follow("/api/logs/p1?follow=true", [.lastEventID: "1"])
            try await rest.contains("two")
            #expect(!rest.text.contains("one"))
            api.streams.close()
        }
    }

    @Test func `a line of any date is told`() async throws {
        let shop = try SupervisedApp.make("shop", [.online])
        try await APIFixture.with([shop]) { api in
            let times: [Int64] = [
                .min, -62_167_219_200_000_000, 0, 253_402_300_799_999_999, .max,
            ]
            await api.supervision.write(times.map { line("p0", $0, "at \($0)") })
            let tail = try await api.get("/api/apps/shop/logs")
            #expect(tail.json["entries"]?.array?.count == times.count)
            let stream = try await api.follow(
                "/api/apps/shop/logs/follow",
                [.lastEventID: "-9223372036854775808"],
            )
            try await stream.contains("at \(Int64.max)")
            #expect(stream.text.contains("9999-12-31T23:59:59"))
            api.streams.close()
        }
    }

    @Test func `many long lines are JSON, in pieces`() async throws {
        let shop = try SupervisedApp.make("shop", [.online])
        try await APIFixture.with([shop]) { api in
            let text = String(repeating: "\"\u{1}é", count: 10_000)
            await api.supervision.write((1...40).map { line("p0", $0, text) })
            let tail = try await api.get("/api/logs/p0?lines=40")
            #expect(LogSchemas.tail.problem(with: tail.json) == nil)
            #expect(tail.json["logs"]?.string?.utf8.count == 40 * (text.utf8.count + 1))
        }
    }

    @Test func `a stream of changes begins with the app that is asked for`() async throws {
        let shop = try SupervisedApp.make("shop", [.online])
        try await APIFixture.with([shop]) { api in
            let stream = try await api.follow("/api/events?app=shop")
            try await stream.contains("event: app\ndata: \(shop.json.compact)\n")
            #expect(try await api.get("/api/events?app=blog").status == 404)
            #expect(api.streams.count == 1)
            api.streams.close()
        }
    }

    @Test func `asking for the head of a stream opens none`() async throws {
        try await withLines { api in
            for path in ["/api/events", "/api/apps/shop/logs/follow"] {
                let answer = try await api.ask(.head, path)
                #expect(answer.status == 200)
                #expect(api.streams.count == 0)
            }
        }
    }
}
