import HostSystem
import PortlessCore
import SystemPackage
import Testing

@testable import Machine

/// Tailscale, as far as it is asked.
enum ScriptedTailscale {
    static let name = "box.tail1234.ts.net"

    static func status(of name: String = name) -> String {
        #"{"BackendState":"Running","Self":{"DNSName":"\#(name)."}}"#
    }

    /// Its certificates have so many days left; with a complaint it gives none.
    static func runner(
        status: String = status(),
        days: Int = 90,
        complaint: String? = nil,
        whileItWorks work: @escaping @Sendable () throws -> Void = {},
    ) -> ScriptedCommandRunner {
        ScriptedCommandRunner(programs: ["tailscale"]) { command throws(CommandError) in
            if command.arguments.first == "status" {
                return CommandResult(exitCode: 0, output: status)
            }
            if let complaint { return CommandResult(exitCode: 1, errorOutput: complaint) }
            let arguments = command.arguments
            do {
                try work()
                let pair = try pair(for: arguments[5], days: days)
                try AtomicFile.write(pair.certificate.utf8, to: FilePath(arguments[2]))
                try AtomicFile.write(pair.key.utf8, to: FilePath(arguments[4]))
            } catch {
                throw .failedToStart(command, reason: "\(error)")
            }
            return .success
        }
    }

    static func pair(for name: String, days: Int) throws -> (certificate: String, key: String) {
        // Signed long ago, so that so many days are left of what our leaves have.
        let now = Timestamp.now.advanced(byDays: days - 396)
        let authority = try CertificateAuthority.mint(for: .everything, at: now).authority
        let leaf = try LeafIssuer(authority: authority)
            .leaf(for: try #require(Hostname(name)), at: now)
        let certificate = PEM.text("CERTIFICATE", leaf.chain[0])
        return (certificate, PEM.text("PRIVATE KEY", leaf.privateKey))
    }
}
