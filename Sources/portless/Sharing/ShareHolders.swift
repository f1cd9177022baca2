import HostSystem
import PortlessCore

/// The `portless share` commands that run, and how they are ended by another command.
struct ShareHolders {
    /// Longer than the tools take to end a share.
    private static let patience = Duration.seconds(40)

    let context: CommandContext

    init(_ context: CommandContext) {
        self.context = context
    }

    /// Asks the holders to end, and waits until they have.
    func end(_ records: [ShareRecord]) {
        let holders = Set(records.map(\.holder))
        let asked = holders.filter { context.processes.send($0, .terminate) }
        _ = Escalation.wait(upTo: Self.patience) {
            !asked.contains(where: context.processes.isAlive)
        }
    }
}
