import ArgumentParser
import Machine
import PortlessCore

/// `portless hosts sync`: the names of all running apps into the hosts file.
struct HostsSyncCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Write the names of all running apps into the hosts file.",
    )

    func run(_ context: CommandContext) throws {
        let names = try context.routes().list().compactMap { Hostname($0.hostname) }
        let hosts = HostsFile(of: try context.stateDirectory(), context)
        do throws(HostsError) {
            try hosts.install(names)
        } catch {
            guard error.needsRoot,
                let code = try Elevation(context: context).runAnnounced(["hosts", "sync"])
            else {
                throw error
            }
            throw ExitCode(code)
        }
        context.console.print(
            names.isEmpty
                ? "No active routes to sync. The hosts file holds none of our names."
                : "Wrote \(names.count) name(s) into the hosts file."
        )
    }
}
