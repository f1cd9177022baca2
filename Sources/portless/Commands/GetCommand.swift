import ArgumentParser
import HostSystem
import PortlessCore

/// `portless get`: an app's URL, for scripts and for other apps.
struct GetCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Print an app's URL.",
        discussion: "In a linked git worktree the name gets the branch's prefix, as in a run.",
    )

    @Flag(help: "Leave out the worktree's prefix.")
    var noWorktree = false

    @Argument(help: "The app's name.")
    var name: String?

    // The original ignores what follows the name.
    @Argument(help: .hidden) var ignored: [String] = []

    func run(_ context: CommandContext) throws {
        guard let text = name else {
            throw Failure("Missing service name.", remedy: "Usage: portless get <name>")
        }
        let prefix = noWorktree ? nil : context.project.worktreePrefix
        let proxy = try context.describeProxy()
        let name = try AppName(parsing: text).prefixed(by: prefix)
        for hostname in try name.hostnames(under: proxy.tlds).prefix(1) {
            context.console.print(proxy.url(for: hostname))
        }
    }
}
