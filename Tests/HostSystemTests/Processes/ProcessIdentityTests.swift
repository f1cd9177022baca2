import CLibrary
import SystemPackage
import TestSupport
import Testing

@testable import HostSystem

@Suite(.timeLimit(.minutes(1)))
struct ProcessIdentityTests {
    @Test func `this process is alive and known by its start`() {
        let current = ProcessIdentity.current
        #expect(current.pid == getpid())
        #expect(current.startTime != nil)
        #expect(current.isAlive)
        #expect(current.isVerified)
        #expect(ProcessIdentity.of(pid: getpid()) == current)
    }

    @Test func `a reused PID is another process`() throws {
        let current = ProcessIdentity.current
        let start = try #require(current.startTime)
        let earlier = ProcessIdentity(
            pid: current.pid,
            startTime: start - 1,
            namespace: current.namespace,
            boot: current.boot,
        )
        #expect(!earlier.isAlive)
        #expect(ProcessIdentity(pid: current.pid, startTime: nil).isAlive)
    }

    @Test(arguments: [0, -1, Int32.max, .min]) func `no such process`(pid: Int32) {
        #expect(ProcessIdentity.of(pid: pid) == nil)
        #expect(!ProcessIdentity(pid: pid, startTime: nil).isAlive)
    }

    @Test func `a process of another PID namespace counts as alive`() throws {
        // There is only one namespace on macOS, and none is ever written down there.
        guard let own = ProcessIdentity.current.namespace else { return }
        let foreign = ProcessIdentity(pid: Int32.max, startTime: 1, namespace: own + 1)
        #expect(foreign.isAlive)
        #expect(foreign.standing == .elsewhere)
    }

    /// What a file may say of a process that isn't, or needn't be, the one that has its PID now.
    enum Doubt: CaseIterable {
        case otherStart, noStart, otherBoot, noBoot, otherNamespace, noNamespace

        func said(of process: ProcessIdentity) -> ProcessIdentity {
            ProcessIdentity(
                pid: process.pid,
                startTime: self == .noStart
                    ? nil : process.startTime.map { self == .otherStart ? $0 - 1 : $0 },
                namespace: self == .noNamespace
                    ? nil : process.namespace.map { self == .otherNamespace ? $0 + 1 : $0 },
                boot: self == .noBoot ? nil : self == .otherBoot ? "earlier" : process.boot,
            )
        }
    }

    @Test(arguments: Doubt.allCases)
    func `a process that may be another one gets no signal, nor does its group`(
        doubt: Doubt
    ) throws {
        let child = try sleeper()
        defer { _ = try? child.wait() }
        let recorded = doubt.said(of: child.identity)
        // A single namespace can't be another one.
        guard recorded != child.identity else {
            child.send(.kill)
            return
        }
        #expect(!recorded.isVerified)
        #expect(!recorded.send(.kill))
        #expect(!ProcessGroup(leader: recorded).send(.kill))
        #expect(try child.change() == nil)
        #expect(child.identity.send(.kill))
        #expect(try child.wait() == .signalled(.kill))
    }

    @Test(arguments: [1, 0, -1, Int32.min])
    func `no number that stands for many gets a signal`(pid: Int32) {
        let recorded = ProcessIdentity(
            pid: pid,
            startTime: ProcessIdentity.of(pid: pid)?.startTime,
            namespace: ProcessIdentity.current.namespace,
            boot: BootSession.id,
        )
        #expect(!recorded.send(.urgent))
        #expect(!ProcessGroup(leader: recorded).send(.urgent))
        #expect(!ProcessGroup(of: ChildProcess(pid: pid)).send(.urgent))
        #expect(!ChildProcess(pid: pid).send(.urgent))
    }

    @Test func `a group has its number until its leader is reaped`() throws {
        var spawn = Spawn(
            executable: "/bin/sh",
            arguments: ["-c", "sleep 600 & exit 0"],
            environment: ["PATH": "/usr/bin:/bin"],
        )
        spawn.group = .own
        let leader = try spawn.start()
        let identity = leader.identity
        waitUntil { ProcessIdentity.of(pid: leader.pid) == nil }
        let sleep = try #require(
            ProcessTree.current().members(ofGroup: leader.pid).first
        )
        defer { sleep.send(.kill) }
        #expect(!identity.isVerified)
        for group in [ProcessGroup(of: leader), ProcessGroup(leader: identity)] {
            #expect(group.isKnown)
            #expect(group.send(.continue))
        }
        try leader.reap()
        for group in [ProcessGroup(of: leader), ProcessGroup(leader: identity)] {
            #expect(!group.isKnown)
            #expect(!group.send(.kill))
        }
        #expect(sleep.isVerified)
    }

    @Test func `a listener on the recorded port proves what an older file leaves open`() throws {
        let current = ProcessIdentity.current
        let socket = try LoopbackListeners.listen(.loopbackIPv4, port: 0)
        defer { try? socket.close() }
        let port = try BoundSocket.address(of: socket).port
        let old = ProcessIdentity(pid: current.pid, startTime: nil)
        #expect(old.proven(byListeningOn: port) == current)
        #expect(old.proven(byListeningOn: 1) == nil)
        #expect(old.proven(byListeningOn: nil) == nil)
        #expect(current.proven(byListeningOn: nil) == current)
        let other = ProcessIdentity(pid: current.pid, startTime: 1)
        #expect(other.proven(byListeningOn: port) == nil)
    }

    private func sleeper() throws -> ChildProcess {
        var spawn = Spawn(
            executable: "/bin/sh",
            arguments: ["-c", "exec sleep 600"],
            environment: ["PATH": "/usr/bin:/bin"],
        )
        spawn.group = .ownSession
        return try spawn.start()
    }
}
