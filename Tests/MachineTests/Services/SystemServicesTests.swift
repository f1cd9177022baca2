import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Machine

#if os(Linux)
@Suite struct SystemServicesTests {
    private func services(
        _ root: FilePath,
        _ runner: ScriptedCommandRunner,
    ) -> SystemServices {
        SystemServices(
            environment: ["PORTLESS_SERVICE_ROOT": root.string],
            home: root.appending("home"),
            userID: 1000,
            runner: runner,
        )
    }

    private let obedient = ScriptedCommandRunner(programs: ["systemctl"]) { _ in .success }

    private func units(_ folder: FilePath) -> [String] { DirectoryListing.names(folder).sorted() }

    @Test func `a service of the login is written, enabled and started, and undone`() async throws {
        try await TemporaryDirectory.with { root in
            let services = services(root, obedient)
            try await services.awaken(.user)
            try await services.install(SystemdUnitsTests.job(.user))
            #expect(units(services.folder(.user)) == ["portless.service"])
            let installed = try #require(services.installed(.proxy, .user))
            #expect(installed.program == "/usr/local/bin/portless")
            #expect(installed.stateDirectory == "/home/ada/.portless")
            #expect(try await services.uninstall(.proxy, .user))
            #expect(units(services.folder(.user)).isEmpty)
            #expect(try await !services.uninstall(.proxy, .user))
            #expect(
                obedient.lines == [
                    "systemctl --user show --property=Version", "systemctl --user daemon-reload",
                    "systemctl --user enable portless.service",
                    "systemctl --user restart portless.service",
                    "systemctl --user disable --now portless.service",
                    "systemctl --user daemon-reload",
                    "systemctl --user reset-failed portless.service",
                ]
            )
        }
    }

    @Test func `an image's files are enabled, and nothing is started`() async throws {
        try await TemporaryDirectory.with { root in
            let services = services(root, obedient)
            try await services.install(SystemdUnitsTests.job(.system))
            let names = ["portless-redirect.socket", "portless.service", "portless.socket"]
            #expect(units(root.appending("etc/systemd/system")) == names)
            // Without sockets the next time: theirs are gone.
            var job = SystemdUnitsTests.job(.system)
            job.sockets = []
            try await services.install(job)
            #expect(units(root.appending("etc/systemd/system")) == ["portless.service"])
            #expect(obedient.lines.allSatisfy { $0.hasPrefix("systemctl --root=\(root) ") })
            #expect(obedient.lines.allSatisfy { !$0.contains("start") && !$0.contains("--now") })
        }
    }

    @Test func `a unit of another author stays, and the original's is replaced`() async throws {
        try await TemporaryDirectory.with { root in
            let services = services(root, obedient)
            let file = root.appending("etc/systemd/system/portless.service")
            try root.write("etc/systemd/system/portless.service", "[Service]\nExecStart=/bin/x\n")
            await #expect(throws: ServiceError.occupied(file)) {
                try await services.install(SystemdUnitsTests.job(.system))
            }
            await #expect(throws: ServiceError.occupied(file)) {
                try await services.uninstall(.proxy, .system)
            }
            try root.write(
                "etc/systemd/system/portless.service",
                "[Service]\nExecStart=\"/usr/bin/node\" \"/x/cli.js\" \"proxy\" \"start\"\n",
            )
            #expect(services.installed(.proxy, .system)?.program == "/usr/bin/node")
            try await services.install(SystemdUnitsTests.job(.system))
            #expect(services.installed(.proxy, .system)?.hasSockets == true)
        }
    }

    @Test func `without a manager that answers nothing is written`() async throws {
        try await TemporaryDirectory.with { root in
            let silent = ScriptedCommandRunner(programs: []) { _ in nil }
            let refusing = ScriptedCommandRunner(programs: ["systemctl"]) { _ in
                CommandResult(exitCode: 1, errorOutput: "Failed to connect to bus\n")
            }
            for (runner, reason) in [
                (silent, "systemctl is not installed"), (refusing, "Failed to connect to bus"),
            ] {
                let services = services(root, runner)
                await #expect(throws: ServiceError.noManager("systemd", reason: reason)) {
                    try await services.awaken(.user)
                }
            }
        }
    }

    @Test func `the state is what systemctl shows`() async throws {
        let runner = ScriptedCommandRunner(programs: ["systemctl"]) { _ in
            CommandResult(exitCode: 0, output: "ActiveState=active\nUnitFileState=enabled\n")
        }
        try await TemporaryDirectory.with { root in
            let state = await services(root, runner).state(of: .proxy, .user)
            #expect(state == .init(isEnabled: true, isActive: true, isListening: false))
        }
    }
}
#endif
