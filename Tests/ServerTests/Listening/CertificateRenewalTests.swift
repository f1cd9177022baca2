import HostSystem
import Logging
import Machine
import PortlessCore
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(1))) struct CertificateRenewalTests {
    /// Never answers, as a tool may that waits for its daemon.
    private struct Hanging: CommandRunner {
        let asked: AsyncStream<Void>.Continuation

        func has(_ program: String) -> Bool { true }

        func run(_ command: Command) async throws(CommandError) -> CommandResult {
            asked.yield()
            try? await Task.sleep(for: .seconds(3600))
            throw .timedOut(command)
        }
    }

    private func renewal(
        _ directory: StateDirectory,
        _ runner: any CommandRunner,
        report: @escaping @Sendable (String?) -> Void,
    ) -> CertificateRenewal {
        CertificateRenewal(
            provision: {
                ServerCertificateProvision(directory: directory, runner: runner, names: [])
            },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            report: report,
        )
    }

    /// What the first look at the certificate tells.
    private func firstReport(_ directory: StateDirectory) async -> String? {
        let (reports, continuation) = AsyncStream<String?>.makeStream()
        let task = Task {
            await renewal(directory, NoPrograms()) { continuation.yield($0) }.run()
        }
        var first: String?
        for await report in reports {
            first = report
            break
        }
        task.cancel()
        await task.value
        return first
    }

    @Test func `one that is near its end is replaced at the start`() async throws {
        try await TemporaryDirectory.with { path in
            let directory = StateDirectory(path: path)
            let folder = ServerCertificateFolder(directory: directory)
            try await TestCertificates.issue(in: directory, daysAgo: 380)
            let old = folder.pair()
            #expect(await firstReport(directory) == nil)
            #expect(folder.pair() != nil && folder.pair() != old)
        }
    }

    @Test func `a failure names the last day and the reason`() async throws {
        try await TemporaryDirectory.with { path in
            let directory = StateDirectory(path: path)
            let folder = ServerCertificateFolder(directory: directory)
            try await TestCertificates.issue(in: directory, daysAgo: 380)
            let old = try #require(folder.pair())
            try FileRemoval.remove(directory[.caKey])
            let report = try #require(await firstReport(directory))
            #expect(report.contains("(good until \(old.notAfter.day))"))
            #expect(report.contains("The CA that signed it is gone."))
            #expect(folder.pair() == old)
        }
    }

    @Test func `a tool that hangs ends with it, and nothing is told`() async throws {
        try await TemporaryDirectory.with { path in
            let directory = StateDirectory(path: path)
            try await TestCertificates.issue(in: directory)
            let folder = ServerCertificateFolder(directory: directory)
            let record = path.appending("certs/meta.json")
            let end = try #require(folder.pair()).notAfter.text
            try directory.write(#"{"mode":"tailscale","expiresAt":"\#(end)"}"#, to: record)
            let (asked, continuation) = AsyncStream<Void>.makeStream()
            let told = Mutex(0)
            let renewal = renewal(directory, Hanging(asked: continuation)) { _ in
                told.withLock { $0 += 1 }
            }
            let task = Task { await renewal.run() }
            for await _ in asked { break }
            task.cancel()
            await task.value
            #expect(told.withLock(\.self) == 0)
        }
    }
}
