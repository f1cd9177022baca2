import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Runner

/// What a keeper leaves, and what it says, with any content.
@Suite struct KeeperFileFuzzTests {
    private static let words = [
        "{", "}", "[", "]", ",", "\"", "null", "true", "1e400", "9e18", "-9e18", "-1",
        "9223372036854775807", "-9223372036854775808", "99999999999999999999", "2147483648",
        "65536", "0.5", "\"\"", "{}", "[]", "\"pid\":", "\"time\":", "\\u0000", "..", "/",
    ]
    private static let status = """
        {"processes":[{"name":"web","state":"online","restarts":1,"unstableRestarts":0,
        "ports":{"api":5570},"urls":["http://a"],"pid":999999,"startTime":5,"pidNamespace":6,
        "startedAt":1795250479123,"lastExit":{"time":1,"uptime":2,"requested":false,"code":3},
        "reason":"x","waitsFor":"y","primaryPort":5570,"cpu":1.5,"memory":4096}],"boot":"b"}
        """
    private static let plan = """
        {"version":1,"app":"shop","directory":"/p","log":{"size":1000,"count":3},"processes":[
        {"name":"web","command":["a","b"],"directory":"/p","ports":{"api":5570},
        "hostnames":["a.localhost"],"otherNames":[{"hostname":"b.localhost","port":5571}],
        "urls":[],"restart":{"automatic":true,"limit":16,"minimumUptime":1000,"delay":0,
        "backoff":100,"finalCodes":[0]},"killTimeout":1600,"dependencies":["db"],
        "primaryPort":5570,"memoryLimit":1000000,"outputFile":"/p/o","environment":{"A":"b"},
        "inherited":{}}]}
        """

    @Test func `apps are told of, whatever their files hold`() throws {
        try TemporaryDirectory.with { path in
            let directory = StateDirectory(path: path)
            let app = try AppName(parsing: "shop")
            let folder = KeeperFolder(of: app, in: directory)
            try folder.create()
            var meter = UsageMeter()
            for var round in Fuzzing.rounds(default: 200) {
                let plan = round.random.below(2) == 0
                let files = [(folder.plan, Self.plan, plan), (folder.status, Self.status, !plan)]
                for (file, text, isMutant) in files {
                    let text = isMutant ? round.text(from: [text], inserting: Self.words) : text
                    try AtomicFile.writeInPlace(text.utf8, to: file)
                }
                for app in StoredApps.list(in: directory) {
                    for measured in meter.measured([app], now: .now) {
                        for process in measured.processes { try check(process, round) }
                    }
                }
            }
        }
    }

    /// What is told of a process is JSON, with numbers that nothing traps on.
    private func check(_ process: SupervisedProcess, _ round: FuzzRound) throws {
        let text = process.json.compact
        let read = try JSONValue(parsing: text.utf8)
        let isSame = SupervisedProcess(json: read)?.json == process.json
        #expect(isSame, "\(round): \(text)")
        _ = process.restarts + process.unstableRestarts
        if let start = process.startedAt { _ = start.text }
        if let exit = process.lastExit { _ = (exit.time.text, exit.uptime.milliseconds) }
        #expect(process.pid ?? 1 > 0, "\(round)")
    }

    @Test func `a plan's life goes on, whatever the plan says`() throws {
        for var round in Fuzzing.rounds(default: 400) {
            let text = round.text(from: [Self.plan], inserting: Self.words)
            guard let json = try? JSONValue(parsing: text.utf8),
                let plan = try? SupervisionPlan(json: json)
            else { continue }
            let again = try SupervisionPlan(json: plan.json)
            #expect(again == plan, "\(round)")
            let now = ContinuousClock.now
            for process in plan.processes {
                var life = ProcessLife(process)
                life.restore(.online, restarts: .max, unstableRestarts: .max - 1, reason: nil)
                _ = life.start(now: now)
                life.spawned(isReady: true, now: now)
                _ = life.ended(.code(1), hasSurvivors: false, now: now)
                for _ in 0..<3 {
                    if let deadline = life.deadline { _ = life.deadlinePassed(now: deadline) }
                    life.spawned(isReady: true, now: now)
                    _ = life.restart(now: now)
                    _ = life.ended(.signal(9), hasSurvivors: false, now: now)
                }
            }
        }
    }

    @Test func `a keeper's record and messages`() throws {
        try TemporaryDirectory.with { path in
            let folder = KeeperFolder(path)
            let seeds = [
                #"{"version":"1","pid":5,"startTime":6}"#,
                #"{"id":1,"outcomes":[{"process":"web","state":"online"}]}"#,
                #"{"line":"web","time":1,"cursor":2,"stream":"out","text":"x"}"#,
                #"{"do":"follow","on":true,"id":4}"#, #"{"process":"# + "{\"name\":\"a\"}}",
            ]
            for var round in Fuzzing.rounds(default: 200) {
                let text = round.text(from: seeds, inserting: Self.words)
                try AtomicFile.writeInPlace(text.utf8, to: folder.record)
                let keeper = try? folder.readKeeper()
                #expect(keeper.map { $0.pid > 0 } ?? true, "\(round)")
                guard let json = try? JSONValue(parsing: text.utf8) else { continue }
                _ = KeeperRequest(json: json)
                if let message = KeeperMessage(json: json) { _ = message.json.compact }
            }
        }
    }
}
