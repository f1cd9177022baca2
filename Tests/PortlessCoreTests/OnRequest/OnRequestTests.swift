import HostSystem
import SystemPackage
import TestSupport
import Testing

@testable import PortlessCore

@Suite struct OnRequestTests {
    @Test func `times are read and written as people do`() {
        let texts: [(String, Duration?)] = [
            ("30m", .seconds(1800)), ("1h30m", .seconds(5400)), ("90s", .seconds(90)),
            ("2d", .seconds(172_800)), ("1s", .seconds(1)), ("0s", nil), ("", nil), ("30", nil),
            ("m", nil), ("-5m", nil), ("1.5h", nil), ("30 m", nil), ("9223372036854775807d", nil),
            ("99999999999999999999s", nil), ("366d", nil), ("٣m", nil), ("never", nil),
        ]
        for (text, time) in texts { #expect(OnRequest.idle(text) == time, "\(text)") }
        #expect(DurationText.text(.seconds(5400)) == "1h30m")
        #expect(DurationText.text(.seconds(90)) == "1m30s")
        #expect(DurationText.text(.milliseconds(500)) == "0s")
        #expect(DurationText.text(.seconds(-3)) == "0s")
        #expect(OnRequest(idle: .seconds(1800)).text.hasSuffix("stops after 30m without one"))
    }

    @Test func `the user's own setting goes before the project's`() {
        let project = OnRequest(idle: .seconds(60))
        func setting(_ record: JSONObject, _ project: OnRequest?) -> OnRequest? {
            RegisteredApp(id: "a", record: record).onRequest(otherwise: project)
        }
        #expect(setting([:], nil) == nil)
        #expect(setting([:], project) == project)
        #expect(setting(["start": .string("manual")], project) == nil)
        #expect(setting(["start": .string("on-request")], nil) == OnRequest())
        #expect(setting(["start": .string("on-request")], project) == project)
        #expect(setting(["idle": .string("2s")], project) == OnRequest(idle: .seconds(2)))
        #expect(setting(["idle": .string("never")], project) == OnRequest())
        #expect(setting(["start": .string("no such"), "idle": .integer(5)], project) == project)
    }

    @Test func `its file survives what is wrong in it`() throws {
        var apps = OnRequestApps()
        let (shop, api) = (try AppName(parsing: "shop"), try AppName(parsing: "api"))
        apps.names = [
            StartableName(hostname: try #require(Hostname("shop.localhost")), app: shop),
            StartableName(
                hostname: try #require(Hostname("api.localhost")),
                app: api,
                isForVisits: true,
            ),
        ]
        var record = StartRecord()
        record.startedByRequest(isRunning: false, idle: .seconds(5), now: Timestamp(seconds: 7))
        apps.records = [shop: record]
        #expect(OnRequestApps(json: apps.json) == apps)
        let hostile = try JSONValue(
            parsing: #"""
                {"names": {"": {"app": "a"}, "b.localhost": 5, "c.localhost": {"app": "../c"},
                  "d.localhost": {"app": "d", "visits": "yes"}},
                 "apps": {"d": [], "e": {"failures": -1, "startedAt": 1e99, "idle": -5}, "": {}}}
                """#.utf8
        )
        let read = OnRequestApps(json: hostile)
        #expect(read.names.map(\.hostname.description) == ["d.localhost"])
        let blank = [try AppName(parsing: "e"): StartRecord()]
        #expect(read.records == blank)
        #expect(OnRequestApps(json: .null) == OnRequestApps())
    }

    @Test func `the proxy's view of the file is always fresh`() throws {
        try TemporaryDirectory.with { folder in
            let directory = StateDirectory(path: folder)
            let file = StartableNamesFile(directory: directory, usesWildcards: true)
            #expect(file.current().names.isEmpty)
            var apps = OnRequestApps()
            for number in 0..<20 {
                let hostname = try #require(Hostname("app\(number).localhost"))
                apps.names = [StartableName(hostname: hostname, app: try AppName(parsing: "app"))]
                try directory.write(apps)
                let below = Array("X.app\(number).localhost:1355".utf8)
                let found = file.current().name(forAuthority: below.span)
                #expect(found?.hostname == hostname)
            }
            #expect(file.current() === file.current())
            try directory.write("{", to: directory[.onRequest])
            #expect(file.current().names.isEmpty)
        }
    }
}
