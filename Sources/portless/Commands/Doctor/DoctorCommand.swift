import ArgumentParser
import HostSystem
import PortlessCore
import SystemPackage

/// `portless doctor`: reports what is wrong, and what to do about it.
struct DoctorCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look for what is wrong; changes nothing.",
        discussion: """
            Looks at the state directory, the proxy, the certificate authority, the routes and the \
            resolver. It does not start anything, and ends with 1 if something fails.
            """,
    )

    @Flag(help: "Print the findings as JSON.")
    var json = false

    func run(_ context: CommandContext) throws {
        let report = try examine(context)
        let failures = report.count(.fail)
        if json {
            context.console.print(report.json.formatted)
        } else {
            context.console.print("portless \(report.version) (\(Platform.description))")
            if !report.target.isEmpty {
                context.console.print("State: \(report.stateDirectory)")
                context.console.print("Proxy: \(report.target)")
            }
            context.console.print("")
            for line in report.diagnoses.flatMap(\.lines) { context.console.print(line) }
            context.console.print("")
            context.console.print(
                "Summary: \(failures) failures, \(report.count(.warn)) warnings."
            )
        }
        if failures > 0 { throw ExitCode(Failure.exitCode) }
    }

    /// With only one finding, and no proxy, where the settings don't tell what to look at.
    private func examine(_ context: CommandContext) throws -> DoctorReport {
        let proxy: ProxyDescription
        do {
            proxy = try context.describeProxy()
        } catch {
            return DoctorReport(
                version: Portless.version,
                stateDirectory: "",
                target: "",
                diagnoses: [.fail(telling: error)],
            )
        }
        return try Doctor(context: context, proxy: proxy).report()
    }
}
