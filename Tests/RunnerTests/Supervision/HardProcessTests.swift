import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Runner

/// Processes that don't behave.
@Suite(.timeLimit(.minutes(2)))
struct HardProcessTests {
    @Test func `one that ignores being asked is killed with its children after the grace`()
        async throws
    {
        try await SupervisionFixture.with { fixture in
            let stubborn = fixture.shell(
                "web",
                """
                trap '' TERM
                (while :; do sleep 600; done) &
                echo ready
                while :; do sleep 600; done
                """,
            ) { $0.killTimeout = .milliseconds(200) }
            _ = try await fixture.supervisor.up(fixture.plan(stubborn))
            try await fixture.eventually { try await fixture.output("web") == ["ready"] }
            let pid = try #require(try await fixture.process("web").pid)
            let tree = ProcessTree.current().descendants(of: pid)
            #expect(tree.count >= 2)
            _ = try await fixture.supervisor.stop(fixture.app)
            for process in tree { #expect(!process.isAlive) }
            #expect(try await fixture.process("web").lastExit?.cause == .signal(9))
        }
    }

    @Test func `each process of a tree is asked once to end, wherever it went`() async throws {
        try await SupervisionFixture.with { fixture in
            let tree = fixture.process(
                "web",
                [
                    "python3", "-c",
                    """
                    import os, signal, time
                    name, due = "root", None
                    def asked(*_):
                        global due
                        os.write(1, f"{name} was asked\\n".encode())
                        due = due or time.monotonic() + 0.3
                    signal.signal(signal.SIGTERM, asked)
                    for child in ("group", "session"):
                        if os.fork() == 0:
                            name = child
                            if name == "session": os.setsid()
                            break
                    os.write(1, f"{name} is there\\n".encode())
                    while due is None or time.monotonic() < due: time.sleep(0.01)
                    """,
                ],
            ) { $0.killTimeout = .seconds(60) }
            _ = try await fixture.supervisor.up(fixture.plan(tree))
            try await fixture.eventually { try await fixture.output("web").count == 3 }
            _ = try await fixture.supervisor.stop(fixture.app)
            let asked = try await fixture.output("web").dropFirst(3).sorted()
            #expect(asked == ["group was asked", "root was asked", "session was asked"])
        }
    }

    @Test func `one that ends its descendants itself is asked alone`() async throws {
        try await SupervisionFixture.with { fixture in
            var tree = fixture.process(
                "web",
                [
                    "perl", "-e",
                    """
                    $| = 1;
                    my $child = fork;
                    if (!$child) {
                        $SIG{TERM} = sub { print "child was asked\n" };
                        print "child runs\n";
                        sleep 600 while 1;
                    }
                    $SIG{TERM} = sub { print "root was asked\n"; kill 9, $child; wait; exit 0 };
                    sleep 600 while 1;
                    """,
                ],
            )
            tree.endsDescendants = true
            _ = try await fixture.supervisor.up(fixture.plan(tree))
            try await fixture.eventually { try await fixture.output("web").count == 1 }
            _ = try await fixture.supervisor.stop(fixture.app)
            #expect(try await fixture.output("web") == ["child runs", "root was asked"])
        }
    }

    @Test func `one that goes into the background is watched and ended there`() async throws {
        try await SupervisionFixture.with { fixture in
            let daemon = fixture.process(
                "web",
                [
                    "perl", "-MPOSIX=setsid", "-e",
                    """
                    if (fork) { exit 0 }
                    setsid;
                    if (fork) { exit 0 }
                    $| = 1; print "serving $$\\n";
                    sleep 600;
                    """,
                ],
            )
            _ = try await fixture.supervisor.up(fixture.plan(daemon))
            try await fixture.eventually { try await !fixture.output("web").isEmpty }
            let line = try #require(try await fixture.output("web").first)
            let pid = try #require(Int32(line.dropFirst("serving ".count)))
            let web = try await fixture.eventually("web") { $0.pid == pid }
            #expect(web.state == .online)
            let identity = try #require(web.identity)
            // Even its end is told: it is a child of the keeper by now.
            identity.send(.kill)
            let again = try await fixture.eventually("web") { $0.restarts == 1 }
            #expect(again.lastExit?.cause == .signal(9))
            try await fixture.eventually { try await fixture.output("web").count == 2 }
            let next = try await fixture.output("web").last?.dropFirst("serving ".count) ?? ""
            let second = try await fixture.eventually("web") { $0.pid == Int32(next) }
            _ = try await fixture.supervisor.stop(fixture.app)
            #expect(second.identity?.isAlive == false)
        }
    }

    @Test func `our own daemons that an app has started outlive it`() async throws {
        try await SupervisionFixture.with { fixture in
            let app = fixture.shell(
                "web",
                """
                PORTLESS_DAEMON=1 perl -MPOSIX=setsid -e 'setsid; exec @ARGV' sleep 600 & echo $!
                perl -MPOSIX=setsid -e 'setsid; exec @ARGV' sleep 600 & echo $!
                exec sleep 600
                """,
            )
            _ = try await fixture.supervisor.up(fixture.plan(app))
            try await fixture.eventually { try await fixture.output("web").count == 2 }
            let pids = try await fixture.output("web").compactMap { Int32($0) }
            let own = try pids.map { try #require(ProcessIdentity.of(pid: $0)) }
            waitUntil { pids.allSatisfy { ProcessDetails.name(of: $0) == "sleep" } }
            _ = try await fixture.supervisor.stop(fixture.app)
            #expect(own[0].isAlive)
            #expect(!own[1].isAlive)
            own[0].send(.kill)
        }
    }

    @Test func `one that closes its output stays online, and its end is seen`() async throws {
        try await SupervisionFixture.with { fixture in
            let silent = fixture.shell("web", "echo bye; exec >&- 2>&-; exec sleep 600") {
                $0.restart.isAutomatic = false
            }
            _ = try await fixture.supervisor.up(fixture.plan(silent))
            try await fixture.eventually { try await fixture.output("web") == ["bye"] }
            let web = try await fixture.process("web")
            #expect(web.state == .online)
            web.identity?.send(.kill)
            let ended = try await fixture.eventually("web", is: .errored)
            #expect(ended.lastExit?.cause == .signal(9))
        }
    }

    @Test func `100 MiB of output neither block it nor fill the disk`() async throws {
        try await SupervisionFixture.with { fixture in
            let loud = fixture.process(
                "web",
                [
                    "python3", "-c",
                    """
                    import sys
                    line = "x" * 1023 + "\\n"
                    for _ in range(100): sys.stdout.write(line * 1024)
                    sys.stdout.write("the end")
                    """,
                ],
            ) { $0.restart.isAutomatic = false }
            var plan = fixture.plan(loud)
            plan.logSize = 1 << 20
            plan.logCount = 2
            _ = try await fixture.supervisor.up(plan)
            try await fixture.eventually("web", is: .stopped)
            #expect(try await fixture.output("web", last: 3).last == "the end")
            let files = DirectoryListing.names(fixture.folder.logs).sorted()
            #expect(files == ["web.log", "web.log.1", "web.log.2"])
            for file in files {
                let size = try FileStatus.of(fixture.folder.logs.appending(file))?.size
                #expect(size ?? 0 <= 1 << 20)
            }
        }
    }

    @Test func `bytes that are no text and lines without an end arrive`() async throws {
        try await SupervisionFixture.with { fixture in
            let odd = fixture.shell(
                "web",
                #"printf 'one\r\ntw\377o\n'; head -c 70000 /dev/zero | tr '\0' z; printf '\nlast'"#,
            ) { $0.restart.isAutomatic = false }
            _ = try await fixture.supervisor.up(fixture.plan(odd))
            try await fixture.eventually("web", is: .stopped)
            let lines = try await fixture.output("web")
            #expect(lines.prefix(2) == ["one", "tw\u{FFFD}o"])
            #expect(lines.dropFirst(2).dropLast().joined().count == 70_000)
            #expect(lines.last == "last")
        }
    }

    @Test func `200 processes at once all run, and all end`() async throws {
        try await SupervisionFixture.with { fixture in
            let all = (0..<200).map { fixture.shell("p\($0)", "echo up $$; exec sleep 600") }
            var plan = fixture.plan()
            plan.processes = all
            let outcomes = try await fixture.supervisor.up(plan)
            #expect(outcomes.count == 200)
            #expect(outcomes.allSatisfy { $0.state == .online })
            try await fixture.eventually {
                try await fixture.supervisor.logs(fixture.app, last: 1000)
                    .filter { $0.stream == .output }.count == 200
            }
            let pids = try await fixture.supervisor.app(fixture.app).processes
                .compactMap(\.identity)
            #expect(pids.count == 200)
            let ended = try await fixture.supervisor.stop(fixture.app)
            #expect(ended.allSatisfy { $0.state == .stopped })
            #expect(pids.allSatisfy { !$0.isAlive })
        }
    }
}
