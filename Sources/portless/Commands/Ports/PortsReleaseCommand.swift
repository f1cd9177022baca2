import ArgumentParser
import PortlessCore

/// `portless ports release <app>`: gives an app's ports back.
struct PortsReleaseCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Give an app's block of ports back.",
        discussion: "Whatever listens there goes on listening.",
    )

    @Flag(help: "Print what was released as JSON.")
    var json = false

    @Flag(help: "Leave out the worktree's prefix.")
    var noWorktree = false

    @Argument(help: "The app's name.")
    var app: String?

    func run(_ context: CommandContext) throws {
        guard let name = app else {
            throw Failure("No app is named.", remedy: "Usage: portless ports release <app>")
        }
        let app = try context.project.leasingApp(name, usesWorktree: !noWorktree)
        let store = LeaseStore(directory: try context.preparedStateDirectory())
        guard let lease = try store.release(app), let range = lease.range else {
            throw LeaseError.unknownApp(app)
        }
        if json {
            context.console.print(lease.json.formatted)
        } else {
            context.console.print("Released \(range.text) of \(app).")
        }
    }
}
