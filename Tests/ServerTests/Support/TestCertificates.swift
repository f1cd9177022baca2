import HostSystem
import Machine
import PortlessCore

/// Certificates of our own authority, as `portless server cert` makes them.
enum TestCertificates {
    static func issue(in directory: StateDirectory, daysAgo: Int = 0) async throws {
        let provision = ServerCertificateProvision(
            directory: directory,
            runner: NoPrograms(),
            names: [Hostname("portless.localhost")].compactMap(\.self),
            now: Timestamp.now.advanced(byDays: -daysAgo),
        )
        _ = try await provision.run(force: true)
    }
}

/// A machine without any tool.
struct NoPrograms: CommandRunner {
    func has(_ program: String) -> Bool { false }

    func run(_ command: Command) async throws(CommandError) -> CommandResult {
        throw .notFound(program: command.program)
    }
}
