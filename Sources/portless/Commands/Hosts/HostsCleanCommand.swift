import ArgumentParser
import Machine

/// `portless hosts clean`: our block out of the hosts file.
struct HostsCleanCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "clean",
        abstract: "Remove our names from the hosts file.",
    )

    func run(_ context: CommandContext) throws {
        let hosts = HostsFile(of: try context.stateDirectory(), context)
        do throws(HostsError) {
            try hosts.uninstall()
        } catch {
            guard error.needsRoot,
                let code = try Elevation(context: context).runAnnounced(["hosts", "clean"])
            else {
                throw error
            }
            throw ExitCode(code)
        }
        context.console.print(
            "Removed portless entries from \(HostsFile.path(environment: context.environment))."
        )
    }
}
