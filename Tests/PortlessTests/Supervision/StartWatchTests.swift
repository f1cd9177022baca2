import HostSystem
import PortlessCore
import Runner
import SystemPackage
import Testing

@testable import portless

@Suite struct StartWatchTests {
    private let now = ContinuousClock.now

    private func app(_ processes: SupervisedProcess...) throws -> SupervisedApp {
        SupervisedApp(
            name: try AppName(parsing: "shop"),
            directory: "/shop",
            processes: processes,
        )
    }

    private func process(
        _ name: String,
        _ state: ProcessState,
        port: Int? = nil,
        change: (inout SupervisedProcess) -> Void = { _ in },
    ) -> SupervisedProcess {
        let ports = port.flatMap { Port($0) }.map {
            [DetectedProcess.LabeledPort(label: "ui", port: $0)]
        }
        var process = SupervisedProcess(
            name: name,
            state: state,
            ports: ports ?? [],
            primaryPort: ports?.first?.port,
        )
        change(&process)
        return process
    }

    private func watch(awaitsAnswers: Bool = true) -> StartWatch {
        StartWatch(names: nil, awaitsOthers: true, awaitsAnswers: awaitsAnswers)
    }

    @Test func `a server is asked until it answers`() throws {
        var watch = watch()
        watch.take(try app(process("web", .starting, port: 4000)), now: now)
        #expect(watch.due(at: now).isEmpty && watch.outcome(at: now) == nil)
        watch.take(try app(process("web", .online, port: 4000)), now: now)
        let due = watch.due(at: now)
        #expect(due.map(\.process) == ["web"] && due[0].probe.speaksHTTP)
        #expect(watch.due(at: now).isEmpty, "it is being asked")
        #expect(watch.outcome(at: now) == nil)
        watch.answered(.notYet("is busy"), of: "web", pid: nil, probe: due[0].probe, now: now)
        #expect(watch.servers["web"]?.problem == "is busy" && watch.due(at: now).isEmpty)
        let later = try #require(watch.nextLook)
        #expect(watch.due(at: later).count == 1)
        watch.answered(.ready, of: "web", pid: nil, probe: due[0].probe, now: later)
        #expect(watch.outcome(at: later) == .ready && watch.nextLook == nil)
    }

    @Test func `another process, or port, is asked again`() throws {
        var watch = watch()
        watch.take(try app(process("web", .online, port: 4000)), now: now)
        let first = watch.due(at: now)[0].probe
        watch.answered(.ready, of: "web", pid: nil, probe: first, now: now)
        watch.take(try app(process("web", .online, port: 4001)), now: now)
        #expect(watch.outcome(at: now) == nil)
        watch.answered(.ready, of: "web", pid: nil, probe: first, now: now)
        #expect(watch.outcome(at: now) == nil, "that was about the old port")
        watch.take(try app(process("web", .starting, port: 4001)), now: now)
        #expect(watch.servers.isEmpty)
    }

    @Test func `what doesn't wait for answers is content with listeners`() throws {
        var watch = watch(awaitsAnswers: false)
        watch.take(try app(process("web", .online, port: 4000)), now: now)
        #expect(watch.due(at: now).isEmpty && watch.outcome(at: now) == .ready)
        watch.take(try app(process("web", .stopped, port: 4000)), now: now)
        #expect(watch.outcome(at: now) == .ready)
    }

    @Test func `a failure is told at once by its kind`() throws {
        var watch = watch()
        let held = process("api", .starting, port: 4001) {
            $0.isHeldUp = true
            $0.heldPort = 4001
        }
        let coming = process("web", .starting, port: 4000)
        watch.take(try app(coming, process("job", .errored)), now: now)
        #expect(watch.outcome(at: now) == .crashed)
        watch.take(try app(coming, held, process("job", .errored)), now: now)
        #expect(watch.outcome(at: now) == .portHeld)
        // A server that has been stopped doesn't answer; a task that is done needn't.
        watch.take(try app(process("web", .stopped, port: 4000)), now: now)
        #expect(watch.outcome(at: now) == .crashed)
        watch.take(try app(process("job", .stopped)), now: now)
        #expect(watch.outcome(at: now) == .ready)
    }

    @Test func `a crash loop, and a keeper that is replaced, get a moment`() throws {
        for state in [ProcessState.crashLooping, .unknown] {
            var watch = watch()
            watch.take(try app(process("web", state, port: 4000)), now: now)
            #expect(watch.outcome(at: now) == nil)
            let end = try #require(watch.nextLook)
            #expect(watch.outcome(at: end) == .crashed)
            watch.take(try app(process("web", .online)), now: now)
            #expect(watch.outcome(at: end) == .ready)
        }
    }

    @Test func `the plan says by which name and path a server is asked`() throws {
        var watch = watch()
        let name = try AppName(parsing: "shop")
        var planned = PlannedProcess(
            name: "web",
            command: ["web"],
            directory: "/shop",
            environment: [:],
        )
        planned.primaryPort = 4000
        planned.names.own = try name.hostnames(under: [.localhost])
        planned.health = HealthCheck(path: "/healthz")
        watch.plan = SupervisionPlan(app: name, directory: "/shop", processes: [planned])
        watch.take(try app(process("web", .online, port: 4000)), now: now)
        let probe = try #require(watch.due(at: now).first?.probe)
        #expect(probe.host?.description == "shop.localhost")
        #expect(probe.health?.path == "/healthz")
    }
}
