import ArgumentParser
import HostSystem
import PortlessCore
import Runner

/// The process that watches over a run; started by ourselves only.
struct GuardianCommand: ContextCommand {
    static let word = "__guardian"
    static let configuration = CommandConfiguration(commandName: word, shouldDisplay: false)

    func run(_ context: CommandContext) throws {
        let guarded = ProcessIdentity.parent
        Guardian.run {
            // The command's routes died with it. Nothing reads an error of this process.
            guard let routes = try? context.routes() else { return }
            _ = try? routes.prune()
            HostsSync(routes, context).refresh()
            // The pipe ends a moment before the process does.
            _ = Escalation.wait(upTo: .seconds(2)) { guarded?.isAlive != true }
            LeftShares(context).end()
        }
    }
}
