import ArgumentParser
import Machine

/// `portless untrust`: take our authority out of every store.
struct UntrustCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "untrust",
        abstract: "Take the certificate authority out of this machine's trust stores.",
        discussion: "Its files stay, so that `portless trust` can bring it back.",
    )

    func run(_ context: CommandContext) throws {
        let trust = try Trust(of: context.stateDirectory(), context)
        let reports = try waiting { try await trust.uninstall() }
        guard !reports.isEmpty else {
            context.console.print("There is no certificate authority to be trusted.")
            return
        }
        try TrustReporting.show(reports, on: context.console, wanted: .untrusted)
    }
}
