import HostSystem
import Logging
import Machine

/// Renews the server's certificate before it expires.
struct CertificateRenewal {
    /// How often the clock is checked; a timer of a day would stop while the computer sleeps.
    private static let interval = Duration.seconds(180)

    let provision: @Sendable () -> ServerCertificateProvision
    let logger: Logger
    /// Called after each attempt, with a sentence where it failed.
    let report: @Sendable (String?) async -> Void

    /// Works until the task is cancelled, which also ends a running tool.
    func run() async {
        var schedule = RenewalSchedule()
        var hasFailed = false
        repeat {
            guard schedule.isDue(at: .now) else { continue }
            let failure = await failure()
            guard !Task.isCancelled else { return }
            // Of several failures in a row only the first one is logged.
            if let failure, !hasFailed { logger.warning("\(failure)") }
            hasFailed = failure != nil
            schedule.looked(hasFailed: hasFailed, at: .now)
            await report(failure)
        } while (try? await Task.sleep(for: Self.interval)) != nil
    }

    private func failure() async -> String? {
        let provision = provision()
        do {
            if let pair = try await provision.renew() {
                logger.notice("The server's certificate is renewed, until \(pair.notAfter.day).")
            }
            return nil
        } catch {
            let end = provision.pair.map { " (good until \($0.notAfter.day))" } ?? ""
            return "The server's certificate\(end) can't be renewed now: \(error)"
        }
    }
}
