import PortlessCore
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Machine

/// The lines that would be run on macOS, as its manual describes them; never run there.
@Suite struct MacKeychainTests {
    /// A keychain that takes and gives as told.
    private final class Keychain: Sendable {
        let isTrusted = Mutex(false)

        func answer(_ command: Command, _ certificate: TrustedCertificate) -> CommandResult {
            isTrusted.withLock { isTrusted in
                let words = command.arguments
                if words.contains("add-trusted-cert") { isTrusted = true }
                if words.contains("delete-certificate") { isTrusted = false }
                if words.contains("verify-cert") { return isTrusted ? .success : .failure }
                if words.contains("default-keychain") {
                    return CommandResult(exitCode: 0, output: "    \"/Users/ann/k.keychain-db\"\n")
                }
                if words.contains("find-certificate") {
                    let hash = "SHA-1 hash: \(certificate.sha1)\n"
                    return CommandResult(exitCode: 0, output: isTrusted ? hash : "")
                }
                return .success
            }
        }
    }

    private func store(
        _ runner: any CommandRunner,
        isRoot: Bool = false,
        mayAsk: Bool = true,
        user: String? = nil,
    ) -> MacKeychain {
        MacKeychain(
            home: "/Users/ann",
            user: user,
            administrator: Administrator(isRoot: isRoot, mayAsk: mayAsk, runner: runner),
        )
    }

    private func runner(
        _ certificate: TrustedCertificate,
        _ keychain: Keychain = Keychain(),
    ) -> ScriptedCommandRunner {
        ScriptedCommandRunner(programs: ["security"]) { keychain.answer($0, certificate) }
    }

    @Test func `a user's CA goes into the default keychain and out again`() async throws {
        try await TemporaryDirectory.with { path in
            let fixture = try TrustFixture(in: path)
            let certificate = fixture.certificate
            let runner = runner(certificate)
            let store = store(runner)
            try await store.install(certificate)
            try await store.uninstall(certificate)

            let ca = fixture.directory[.caCertificate]
            let verify = "security verify-cert -c \(ca) -L -p ssl"
            let ask = "security default-keychain -d user"
            let keychain = "/Users/ann/k.keychain-db"
            let find = "security find-certificate -a -Z -c 'portless Local CA' \(keychain)"
            #expect(
                runner.lines == [
                    verify, ask,
                    "security add-trusted-cert -r trustRoot -k \(keychain) \(ca)",
                    verify, ask, find,
                    "security remove-trusted-cert \(ca)",
                    "security delete-certificate -Z \(certificate.sha1) \(keychain)",
                    find,
                ]
            )
        }
    }

    @Test func `root's CA goes into the system's keychain, seen with the user's eyes`() async throws
    {
        try await TemporaryDirectory.with { path in
            let fixture = try TrustFixture(in: path)
            let runner = runner(fixture.certificate)
            try await store(runner, isRoot: true, mayAsk: false, user: "ann")
                .install(fixture.certificate)
            let ca = fixture.directory[.caCertificate]
            let verify = "sudo -u ann -H -- security verify-cert -c \(ca) -L -p ssl"
            let keychain = "/Library/Keychains/System.keychain"
            #expect(
                runner.lines == [
                    verify,
                    "security add-trusted-cert -d -r trustRoot -k \(keychain) \(ca)",
                    verify,
                ]
            )
            #expect(!runner.commands.contains { $0.mayPrompt })
        }
    }

    @Test func `without a terminal nothing that prompts is run`() async throws {
        try await TemporaryDirectory.with { path in
            let fixture = try TrustFixture(in: path)
            let runner = runner(fixture.certificate)
            let error = await #expect(throws: TrustError.self) {
                try await store(runner, mayAsk: false).install(fixture.certificate)
            }
            #expect(!runner.lines.contains { $0.contains("add-trusted-cert") })
            #expect(error?.description.contains("security add-trusted-cert -r trustRoot") == true)
        }
    }

    @Test func `trust that stays is told, and the certificate with it`() async throws {
        try await TemporaryDirectory.with { path in
            let fixture = try TrustFixture(in: path)
            let certificate = fixture.certificate
            let keychain = Keychain()
            let runner = ScriptedCommandRunner(programs: ["security"]) { command in
                command.arguments.contains("remove-trusted-cert")
                    ? .failure : keychain.answer(command, certificate)
            }
            try await store(runner).install(certificate)
            let error = await #expect(throws: TrustError.self) {
                try await store(runner).uninstall(certificate)
            }
            #expect(error?.description.contains("still trusted") == true)
            #expect(!runner.lines.contains { $0.contains("delete-certificate") })
        }
    }

    @Test func `a security tool that hangs makes the store unavailable`() async throws {
        try await TemporaryDirectory.with { path in
            let fixture = try TrustFixture(in: path)
            let runner = ScriptedCommandRunner(programs: ["security"]) {
                command throws(CommandError) in throw .timedOut(command)
            }
            let status = await store(runner).status(of: fixture.certificate)
            #expect(status == .unavailable("security gave no answer within 30 s."))
        }
    }
}
