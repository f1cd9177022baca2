import HostSystem
import Logging
import Machine

/// Has the server's certificate renewed before it ends.
struct CertificateRenewal {
    /// How often the clock is looked at; a timer of a day would sleep as long as the computer does.
    private static let interval = Duration.seconds(180)

    let provision: @Sendable () -> ServerCertificateProvision
    let logger: Logger
    /// Called after each look, with a sentence where it has failed.
    let report: @Sendable (String?) async -> Void

    /// Works until the task is cancelled, which ends a tool that is asked just then.
    func run() async {
        var schedule = RenewalSchedule()
        var hasFailed = false
        repeat {
            guard schedule.isDue(at: .now) else { continue }
            let failure = await failure()
            guard !Task.isCancelled else { return }
            // The others in a row are the same for whoever reads the log.
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
