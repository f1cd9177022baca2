import HostSystem
import Machine
import PortlessCore
import Runner
import Synchronization
import SystemPackage

/// Shares one app by the services that were asked for, from the check of the tools to the end.
///
/// What is begun stands in `shares.json` before it is begun, so that nothing stays shared unseen.
struct Sharer {
    let context: CommandContext
    let request: SharingRequest
    let work: InterruptibleWork
    private(set) var open: [OpenShare] = []

    init(_ request: SharingRequest, _ context: CommandContext, signals: SignalSource) {
        self.request = request
        self.context = context
        work = InterruptibleWork(signals: signals, console: context.console)
    }

    /// Throws what is missing, before anything else is done.
    func checkReadiness() throws {
        for tool in request.tools(context) {
            try work.run(waitingFor: tool.provider.title) { try await tool.checkReadiness() }
        }
    }

    /// Gives the app its addresses, or none.
    mutating func share(_ share: ShareRecord, announcement: FileDescriptor?) throws {
        let store = SharesStore(directory: try context.preparedStateDirectory())
        do {
            for tool in request.tools(context, announcement: announcement) {
                open.append(try begin(share, tool, store))
            }
        } catch {
            close()
            throw error
        }
        for warning in open.compactMap(\.warning) { context.console.warn(warning) }
    }

    private func begin(
        _ share: ShareRecord,
        _ tool: any SharingTool,
        _ store: SharesStore,
    ) throws -> OpenShare {
        var share = share
        share.provider = tool.provider
        let noted = NotedShare()
        do {
            return try work.run(waitingFor: "\(tool.provider.title)'s address") { [share] in
                try await tool.open(share) { record in
                    try store.put(record)
                    noted.set(record)
                }
            }
        } catch {
            if let record = noted.record { Self.close(record, tool, store, context) }
            throw error
        }
    }

    /// The tunnels that have ended by themselves since the last call.
    mutating func takeEnded() -> [ShareRecord] {
        let ended = open.filter { $0.tunnel?.hasEnded == true }
        open.removeAll { $0.tunnel?.hasEnded == true }
        for share in ended {
            share.tunnel?.end()
            forget(share.record)
            let reason = share.tunnel?.log.complaint.map { ": \($0)" } ?? ""
            context.console.warn(
                """
                \(share.record.provider.program) has ended\(reason), so \(share.record.hostname) \
                isn't shared by it any more.
                """
            )
        }
        return ended.map(\.record)
    }

    /// Takes all addresses back.
    mutating func close() {
        let closing = open
        open = []
        guard let directory = try? context.stateDirectory() else { return }
        let store = SharesStore(directory: directory)
        for share in closing {
            if let tunnel = share.tunnel {
                tunnel.end()
                forget(share.record)
            } else {
                let tool = SharingRequest.tool(share.record.provider, context)
                Self.close(share.record, tool, store, context)
            }
        }
    }

    private func forget(_ record: ShareRecord) {
        guard let directory = try? context.stateDirectory() else { return }
        try? SharesStore(directory: directory).remove(record)
    }

    /// Takes one back; where that fails it stays known, for `prune`.
    static func close(
        _ record: ShareRecord,
        _ tool: any SharingTool,
        _ store: SharesStore,
        _ context: CommandContext,
    ) {
        do {
            try InterruptibleWork.finish { try await tool.close(record) }
            try store.remove(record)
        } catch {
            context.console.report(error)
        }
    }

    // MARK: For people and for the app

    /// The variables by which the app learns its addresses.
    var variables: [String: String] {
        Dictionary(
            open.compactMap { share in
                share.record.url.map { (share.record.provider.addressVariable, $0) }
            },
            uniquingKeysWith: { first, _ in first },
        )
    }

    func lines(_ style: TextStyle) -> [StyledText] {
        open.compactMap { share in
            guard let url = share.record.url else { return nil }
            let provider = share.record.provider
            guard provider.reach == .public else { return "  \(provider.title) -> \(url)" }
            let title = provider == .funnel ? "Funnel (public)" : provider.title
            return "  \(title) -> \(style.yellow(url))"
        }
    }
}

private final class NotedShare: Sendable {
    private let noted = Mutex<ShareRecord?>(nil)

    var record: ShareRecord? { noted.withLock { $0 } }
    func set(_ record: ShareRecord) { noted.withLock { $0 = record } }
}
