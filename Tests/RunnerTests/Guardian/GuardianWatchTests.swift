import HostSystem
import SystemPackage
import TestSupport
import Testing

@testable import Runner

@Suite(.timeLimit(.minutes(1)))
struct GuardianWatchTests {
    private func identity(_ pid: Int32) -> ProcessIdentity? {
        ProcessIdentity(pid: pid, startTime: UInt64(pid))
    }

    @Test func `children come and go`() {
        var watch = GuardianWatch()
        watch.receive(41, identify: identity)
        watch.receive(42, identify: identity)
        watch.receive(-41, identify: identity)
        watch.receive(.min, identify: identity)
        watch.receive(43) { _ in nil }
        #expect(Array(watch.children.keys) == [42])
        #expect(watch.children[42]?.startTime == 42)
        #expect(!watch.isFinished)
        watch.receive(GuardianWatch.finished)
        #expect(watch.isFinished)
    }

    @Test func `what has a child's PID later is left alone, with its group`() throws {
        var spawn = Spawn(
            executable: "/bin/sh",
            arguments: ["-c", "sleep 600 & exec sleep 600"],
            environment: ["PATH": "/usr/bin:/bin"],
        )
        spawn.group = .ownSession
        let stranger = try spawn.start()
        defer {
            ProcessGroup(of: stranger).send(.kill)
            _ = try? stranger.wait()
        }
        waitUntil { !ProcessChildren.children(of: stranger.pid).isEmpty }
        let now = stranger.identity
        let earlier = ProcessIdentity(
            pid: now.pid,
            startTime: now.startTime.map { $0 - 1 },
            namespace: now.namespace,
            boot: now.boot,
        )
        var termination = Termination(root: earlier)
        termination.run(grace: .zero, signals: SignalQueue([.hangUp]))
        #expect(try stranger.change() == nil)
        #expect(!ProcessChildren.children(of: stranger.pid).isEmpty)
    }
}
