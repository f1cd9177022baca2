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
        let proxy = try context.describeProxy()
        let diagnoses = try Doctor(context: context, proxy: proxy).diagnoses()
        let failures = diagnoses.count { $0.status == .fail }
        let warnings = diagnoses.count { $0.status == .warn }
        if json {
            let report: JSONObject = [
                "version": .string(Portless.version),
                "platform": .string(Platform.description),
                "stateDirectory": .string(proxy.stateDirectory.path.string),
                "proxy": .string(Self.target(of: proxy)),
                "findings": .array(diagnoses.map(\.json)),
                "failures": .integer(failures),
                "warnings": .integer(warnings),
            ]
            context.console.print(JSONValue.object(report).formatted)
        } else {
            context.console.print("portless \(Portless.version) (\(Platform.description))")
            context.console.print("State: \(proxy.stateDirectory.path)")
            context.console.print("Proxy: \(Self.target(of: proxy))")
            context.console.print("")
            for line in diagnoses.flatMap(\.lines) { context.console.print(line) }
            context.console.print("")
            context.console.print("Summary: \(failures) failures, \(warnings) warnings.")
        }
        if failures > 0 { throw ExitCode(Failure.exitCode) }
    }

    /// The names that the proxy serves, or would serve, such as `https://*.localhost:1355`.
    private static func target(of proxy: ProxyDescription) -> String {
        proxy.tlds.map { tld in
            BareURL(usesTLS: proxy.usesTLS, host: "*.\(tld)", port: proxy.port).description
        }.joined(separator: ", ")
    }
}
