import ArgumentParser
import PortlessCore
import Runner

/// The process that watches over a run; started by ourselves only.
struct GuardianCommand: ContextCommand {
    static let configuration = CommandConfiguration(shouldDisplay: false)

    func run(_ context: CommandContext) throws {
        Guardian.run {
            // The command is dead, and that makes its routes dead ones. A failure has no reader.
            _ = try? context.routes().prune()
        }
    }
}
