import HostSystem
import Machine
import PortlessCore

/// The shares that a crash has left: runs whose processes are gone, but whose tunnels aren't.
struct LeftShares {
    let context: CommandContext

    init(_ context: CommandContext) {
        self.context = context
    }

    /// Takes them back, and returns those that are gone now; the others are told of, and stay known.
    @discardableResult
    func end() -> [ShareRecord] {
        guard let directory = try? context.stateDirectory() else { return [] }
        let store = SharesStore(directory: directory)
        do {
            return try store.left().filter { record in
                guard end(record) else { return false }
                do {
                    try store.remove(record)
                    // An app that was shared by a command of its own lives on.
                    guard record.isSeparate else { return true }
                    try context.routes().update([record.hostname]) { entry in
                        let isShown = entry.addresses.contains { $0.url == record.url }
                        if isShown { entry.removeAddress(of: record.provider) }
                    }
                } catch {
                    context.console.report(error)
                }
                return true
            }
        } catch {
            context.console.report(error)
            return []
        }
    }

    /// Takes back what a dead route of the npm original records, which has no other record.
    @discardableResult
    func end(_ record: ShareRecord) -> Bool {
        let tool = SharingRequest.tool(record.provider, context)
        do {
            try InterruptibleWork.finish { try await tool.close(record) }
            return true
        } catch {
            context.console.report(error)
            return false
        }
    }
}
