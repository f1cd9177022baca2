import HostSystem
import PortlessCore
import Testing

@testable import portless

@Suite struct ProxyCommandTests {
    /// What a daemon writes when it serves.
    private func serves(
        _ world: inout CommandWorld,
        usesTLS: Bool = true,
    ) -> Collected<DaemonKind> {
        let started = Collected<DaemonKind>()
        world.context.isPortDenied = { _ in false }
        world.context.startDaemon = { start, _, directory in
            var markers = ProxyMarkers()
            markers.pid = ProcessIdentity.current.pid
            markers.port = 1355
            markers.usesTLS = usesTLS
            markers.record = ProxyRecord(version: Portless.version, process: .current)
            try directory.write(markers)
            started.add(start.kind)
        }
        return started
    }

    /// A proxy on port 1355 whose state directory was deleted; it ends at the first signal.
    private func loses(_ world: inout CommandWorld) -> Collected<String> {
        let sent = Collected<String>()
        world.context.isListening = { _ in sent.all.isEmpty }
        world.context.isProxy = { $0 == 1355 && sent.all.isEmpty }
        world.context.lostProxy = { _ in
            sent.all.isEmpty
                ? LostProxy(holder: ProcessIdentity(pid: 4711, startTime: 1), port: 1355) : nil
        }
        world.context.processes.isAlive = { _ in sent.all.isEmpty }
        world.context.processes.send = { process, signal in
            sent.add("\(process.pid) \(signal)")
            return true
        }
        return sent
    }

    @Test func `a proxy whose state directory is gone is stopped`() async throws {
        try await CommandWorld.with { world in
            let sent = loses(&world)
            #expect(await world.run("proxy stop -p 1356").output == "Proxy is not running.\n")
            #expect(await world.run("proxy stop").output == "Proxy stopped.\n")
            #expect(sent.all == ["4711 \(Signal.terminate)"])
            #expect(await world.run("proxy stop").output == "Proxy is not running.\n")
        }
    }

    @Test func `a proxy whose state directory is gone is started again`() async throws {
        try await CommandWorld.with { world in
            let sent = loses(&world)
            let started = serves(&world)
            let result = await world.run("proxy start -p 1355")
            #expect(result.code == 0, "\(result.talk)")
            #expect(result.output == "HTTPS/2 proxy started on port 1355\n")
            #expect(result.talk.contains("The files of the proxy on port 1355 are gone"))
            #expect(sent.all == ["4711 \(Signal.terminate)"])
            #expect(started.all == [.proxy])
        }
    }

    @Test(arguments: ["", "1355"])
    func `another directory's proxy on the port is an error`(wished: String) async throws {
        try await CommandWorld.with { world in
            world.hasNoProxy()
            world.context.isProxy = { $0 == 1355 }
            world.context.environment["PORTLESS_PORT"] = wished
            for line in ["proxy start -p 1355", "proxy start --foreground -p 1355"] {
                let result = await world.run(line)
                #expect(result.code == 1)
                #expect(
                    result.talk.contains("A proxy with another state directory runs on port 1355.")
                )
            }
        }
    }

    @Test(arguments: [
        ("PORTLESS_PORT", "70000", "Invalid port \"70000\" in PORTLESS_PORT."),
        ("PORTLESS_HTTPS", "maybe", "Invalid value \"maybe\" in PORTLESS_HTTPS."),
        ("PORTLESS_WILDCARD", "*", "Invalid value \"*\" in PORTLESS_WILDCARD."),
        ("PORTLESS_STATE_DIR", "/dev/null", "/dev/null is not a directory."),
    ])
    func `an environment that can't be used is refused by all that need it`(
        variable: String,
        value: String,
        sentence: String,
    ) async throws {
        try await CommandWorld.with { world in
            world.hasNoProxy()
            world.context.environment[variable] = value
            let lines = ["get db", "list", "list --json", "alias db 1", "open db", "proxy start"]
            for line in lines + ["db true", "run true"] {
                let result = await world.run(line)
                #expect(result.code == 1, "\(line)")
                #expect(result.talk.contains("Error: \(sentence)"), "\(line): \(result.talk)")
                #expect(result.output == "", "\(line)")
            }
        }
    }

    @Test func `a stop waits for the daemon's lock`() async throws {
        try await CommandWorld.with { world in
            world.hasNoProxy()
            let state = try world.context.preparedStateDirectory()
            var markers = ProxyMarkers()
            markers.port = 1355
            markers.pid = 1
            markers.record = ProxyRecord(
                version: Portless.version,
                process: ProcessIdentity(pid: 1, startTime: 1),
            )
            try state.write(markers)
            let path = state[.proxyHolderLock]
            SystemThread.start {
                var lock: HeldLock?
                // The test looks at it, too.
                _ = Escalation.wait(upTo: .seconds(5)) {
                    lock = try? HeldLock.take(at: path)
                    return lock != nil
                }
                SystemClock.sleep(for: .seconds(1))
                withExtendedLifetime(lock) {}
            }
            #expect(try Escalation.wait(upTo: .seconds(5)) { try HeldLock.take(at: path) == nil })
            let result = await world.run("proxy stop")
            #expect(result.code == 0, "\(result.talk)")
            #expect(try HeldLock.take(at: state[.proxyHolderLock]) != nil)
        }
    }

    @Test func `a second proxy in the terminal says that one runs, or is refused`() async throws {
        try await CommandWorld.with { world in
            try world.hasProxy()
            let second = await world.run("proxy start --foreground --no-tls -p 1355")
            #expect(second.code == 0, "\(second.talk)")
            #expect(second.output == "Proxy is already running on port 1355.\n")
            let other = await world.run("proxy start --foreground --no-tls -p 1888")
            #expect(other.code == 1)
            #expect(other.talk.contains("runs on port 1355 already."))
            #expect(try world.state.proxyMarkers().port == 1355)
        }
    }

    @Test func `a start tells that the last proxy served the local network`() async throws {
        try await CommandWorld.with { world in
            world.hasNoProxy()
            var left = ProxyMarkers()
            left.port = 1355
            left.lanAddress = "192.168.1.2"
            try world.context.preparedStateDirectory().write(left)
            _ = serves(&world)
            let result = await world.run("proxy start -p 1355")
            #expect(result.code == 0, "\(result.talk)")
            #expect(result.talk.contains("served the local network at 192.168.1.2"))
        }
    }

    @Test(arguments: [true, false])
    func `the first start tells of trust where browsers would warn`(usesTLS: Bool) async throws {
        try await CommandWorld.with { world in
            world.hasNoProxy()
            _ = serves(&world, usesTLS: usesTLS)
            let result = await world.run("proxy start -p 1355" + (usesTLS ? "" : " --no-tls"))
            #expect(result.code == 0, "\(result.talk)")
            #expect(result.talk.contains("portless trust") == usesTLS)
        }
    }
}
