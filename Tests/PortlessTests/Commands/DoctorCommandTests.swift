import HostSystem
import PortlessCore
import SystemPackage
import Testing

@testable import portless

@Suite struct DoctorCommandTests {
    /// A machine on which nothing is wrong and nothing was started.
    private func withHealthyWorld(
        _ body: (inout CommandWorld) async throws -> Void
    ) async throws {
        try await CommandWorld.with { world in
            world.hasNoProxy()
            world.context.holder = { _ in nil }
            world.context.listeningPorts = { [] }
            world.context.isPortDenied = { _ in false }
            world.context.addresses = { _ in [.loopbackIPv4, .loopbackIPv6] }
            try await body(&world)
        }
    }

    @Test func `nothing fails where nothing was started, and nothing is`() async throws {
        try await withHealthyWorld { world in
            let result = await world.run("doctor")
            #expect(result.code == 0, "\(result.output)")
            #expect(result.output.contains("warn The proxy is not running."))
            #expect(result.output.contains("Summary: 0 failures, 1 warnings."))
            let state = try world.state.path
            #expect(try FileStatus.of(state) == nil)
        }
    }

    @Test
    func `a secret that others can read is a failure, and a file that they can change is told`()
        async throws
    {
        try await withHealthyWorld { world in
            #expect(await world.run("alias db 5432").code == 0)
            world.context.listeningPorts = { [5432] }
            let state = try world.state
            try state.write("secret", to: state[.serverToken], isSecret: true)
            #expect(await world.run("doctor").code == 0)
            try FileSystem.setPermissions([.ownerReadWrite, .otherRead], of: state[.serverToken])
            try FileSystem.setPermissions([.ownerReadWrite, .otherWrite], of: state[.routes])
            let result = await world.run("doctor")
            #expect(result.code == 1)
            #expect(
                result.output.contains("fail Others may read the secret in \(state[.serverToken]).")
            )
            #expect(result.output.contains("warn Others may write to \(state[.routes])."))
            #expect(result.output.contains("chmod 644 \(state[.routes])"))
        }
    }

    @Test func `another program on the proxy's port is a failure that names it`() async throws {
        try await withHealthyWorld { world in
            world.context.environment["PORTLESS_PORT"] = "1355"
            world.context.holder = { _ in "nginx (9)" }
            let result = await world.run("doctor")
            #expect(result.code == 1)
            #expect(result.output.contains("not a portless proxy: nginx (9)."))
        }
    }

    @Test(arguments: [
        ("PORTLESS_PORT", "abc", "Invalid port \"abc\" in PORTLESS_PORT."),
        ("PORTLESS_STATE_DIR", "/dev/null", "/dev/null is not a directory."),
    ])
    func `settings that can't be used are a finding`(
        variable: String,
        value: String,
        sentence: String,
    ) async throws {
        try await withHealthyWorld { world in
            world.context.environment[variable] = value
            let result = await world.run("doctor")
            #expect(result.code == 1)
            #expect(result.output.contains("fail \(sentence)\n"), "\(result.output)")
            #expect(result.output.contains("Summary: 1 failures, 0 warnings."))
            let json = await world.run("doctor --json").output
            #expect(json.contains("\"proxy\": \"\""), "\(json)")
        }
    }

    @Test func `a name that leads elsewhere is told, and an app that doesn't listen`() async throws
    {
        try await withHealthyWorld { world in
            #expect(await world.run("alias db 5432").code == 0)
            let foreign = IPAddress(bytes: [10, 8, 0, 1])
            world.context.addresses = { _ in [foreign].compactMap(\.self) }
            let result = await world.run("doctor --json")
            #expect(result.output.contains("resolves to 10.8.0.1"))
            #expect(result.output.contains("Nothing listens on port 5432"))
        }
    }
}

@Suite struct ResolutionTests {
    private let vpn = IPAddress(bytes: [10, 8, 0, 1])

    @Test func `a name that leads here for both families is fine`() {
        let both = [IPAddress.loopbackIPv6, .loopbackIPv4]
        #expect(Resolution.diagnosis(of: "app.localhost", addresses: both) == nil)
    }

    @Test func `an unknown name, a foreign address and a missing family are told`() throws {
        func diagnosis(_ addresses: [IPAddress]) throws -> Diagnosis {
            try #require(Resolution.diagnosis(of: "app.localhost", addresses: addresses))
        }
        #expect(try diagnosis([]).status == .warn)
        let overridden = try diagnosis([.loopbackIPv4, #require(vpn)])
        #expect(overridden.status == .warn)
        #expect(overridden.text.contains("resolves to 10.8.0.1"))
        let first = try diagnosis([.loopbackIPv4])
        #expect(first.text.contains("IPv4 only"))
        let second = try diagnosis([.loopbackIPv6])
        #expect(second.text.contains("IPv6 only"))
    }
}
