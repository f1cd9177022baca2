import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Machine

/// Real browsers without a window, with databases of the test's that our own store has filled.
@Suite(.timeLimit(.minutes(5)), .serialized) struct BrowserTests {
    private static let chromium = ["chromium", "chromium-browser", "google-chrome"]
        .first { TLSProbe.has($0, "certutil") }
    private static let firefox = ["firefox-esr", "firefox"]
        .first { TLSProbe.has($0, "certutil") }

    private func trust(_ probe: TLSProbe, in database: FilePath) async throws {
        for certificate in [probe.certificate, probe.other] {
            try await NSSDatabase(
                name: "test",
                directory: database,
                user: nil,
                runner: TLSProbe.runner,
                hint: "",
            ).install(certificate)
        }
    }

    @Test(.enabled("Chromium or certutil is not installed") { chromium != nil })
    func `Chromium honours the name constraints`() async throws {
        let program = try #require(Self.chromium)
        try await TemporaryDirectory.with { path in
            let probe = try TLSProbe(in: path)
            // Where our own search says that a Chromium without a database will make it.
            let location = try #require(
                NSSDatabases.find(home: path, has: { $0 == program }).first
            )
            try await trust(probe, in: location.directory)
            try await probe.expectConstraintsHonoured(by: [
                program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
                "--no-proxy-server", "--user-data-dir=\(path.appending("chromium"))",
                "--host-resolver-rules=MAP * 127.0.0.1", "--dump-dom",
                "https://{name}:{port}/",
            ])
        }
    }

    @Test(.enabled("Firefox or certutil is not installed") { firefox != nil })
    func `Firefox honours the name constraints`() async throws {
        let program = try #require(Self.firefox)
        try await TemporaryDirectory.with { path in
            let probe = try TLSProbe(in: path)
            let profile = path.appending("profile")
            try await trust(probe, in: profile)
            try AtomicFile.write(
                """
                user_pref("network.dns.localDomains", "app.localhost,example.com,example.org");
                user_pref("network.proxy.type", 0);
                user_pref("browser.shell.checkDefaultBrowser", false);
                user_pref("datareporting.policy.dataSubmissionEnabled", false);
                user_pref("app.update.enabled", false);

                """.utf8,
                to: profile.appending("user.js"),
            )
            try await probe.expectConstraintsHonoured(by: [
                program, "--headless", "--no-remote", "--profile", profile.string,
                "--screenshot", path.appending("page.png").string, "https://{name}:{port}/",
            ])
        }
    }
}
