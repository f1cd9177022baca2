import ArgumentParser
import Machine

/// How the trust stores stand, a line for each.
enum TrustReporting {
    /// Prints the reports; a system store that isn't as wanted makes the command fail.
    static func show(
        _ reports: [TrustReport],
        on console: Console,
        wanted: TrustStatus,
    ) throws {
        for report in reports { console.print(line(report.store, report.status)) }
        for report in reports {
            guard let failure = report.failure else { continue }
            if report.isSystemStore, wanted == .trusted {
                console.warn("Could not add CA to system trust store.")
            }
            console.report(failure)
            for command in failure.byHand { console.say("  \(command)") }
        }
        let system = reports.filter(\.isSystemStore)
        guard system.allSatisfy({ $0.status == wanted }) else {
            throw ExitCode(Failure.exitCode)
        }
    }

    static func line(_ store: String, _ status: TrustStatus) -> String {
        switch status {
        case .trusted: "\(store): trusted"
        case .untrusted: "\(store): not trusted"
        case .unavailable(let reason): "\(store): \(reason)"
        }
    }
}
