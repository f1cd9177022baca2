import Testing

@testable import HostSystem

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

struct ProcessIdentityTests {
    @Test func `this process is alive and known by its start`() {
        let current = ProcessIdentity.current
        #expect(current.pid == getpid())
        #expect(current.startTime != nil)
        #expect(current.isAlive)
        #expect(ProcessIdentity.of(pid: getpid()) == current)
    }

    @Test func `a reused PID is another process`() throws {
        let current = ProcessIdentity.current
        let start = try #require(current.startTime)
        let earlier = ProcessIdentity(
            pid: current.pid,
            startTime: start - 1,
            namespace: current.namespace,
        )
        #expect(!earlier.isAlive)
        #expect(ProcessIdentity(pid: current.pid, startTime: nil).isAlive)
    }

    @Test(arguments: [0, -1, Int32.max]) func `no such process`(pid: Int32) {
        #expect(ProcessIdentity.of(pid: pid) == nil)
        #expect(!ProcessIdentity(pid: pid, startTime: nil).isAlive)
    }

    @Test func `a process of another PID namespace counts as alive`() throws {
        // There is only one namespace on macOS, and none is ever written down there.
        guard let own = ProcessIdentity.current.namespace else { return }
        let foreign = ProcessIdentity(pid: Int32.max, startTime: 1, namespace: own + 1)
        #expect(foreign.isAlive)
    }
}
