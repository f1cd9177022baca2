import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import portless

@Suite struct ProxyRestartPlanTests {
    @Test func `a plan is read as it was written, by its own user only`() throws {
        try TemporaryDirectory.with { path in
            let directory = StateDirectory(path: path)
            let plan = ProxyRestartPlan(
                executable: "/opt/two words/portless",
                arguments: ["proxy", "start", "--tld", "test"],
            )
            try plan.write(in: directory)
            #expect(try ProxyRestartPlan.read(in: directory) == plan)
            let failure = try ProxyRestartPlan.failure(in: directory)
            #expect(failure == nil)
            let status = try #require(try FileStatus.of(directory.proxyRestart))
            #expect(status.permissions == FilePermissions.ownerReadWrite)
        }
    }

    @Test func `a failure takes the plan's place`() throws {
        try TemporaryDirectory.with { path in
            let directory = StateDirectory(path: path)
            try ProxyRestartPlan.write(failure: "no \"program\"", in: directory)
            #expect(try ProxyRestartPlan.failure(in: directory) == "no \"program\"")
            #expect(throws: Failure.self) { try ProxyRestartPlan.read(in: directory) }
        }
    }

    @Test func `without a plan there is nothing to start`() throws {
        try TemporaryDirectory.with { path in
            let directory = StateDirectory(path: path)
            #expect(throws: Failure.self) { try ProxyRestartPlan.read(in: directory) }
            let failure = try ProxyRestartPlan.failure(in: directory)
            #expect(failure == nil)
        }
    }
}
