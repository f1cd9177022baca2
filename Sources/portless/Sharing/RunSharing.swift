import HostSystem
import Machine
import PortlessCore
import Runner

/// The sharing of an app that a run in the terminal starts, which ends with that app.
struct RunSharing {
    private let context: CommandContext
    /// Which of the run's apps it is.
    let index: Int
    private var sharer: Sharer
    /// The port that the addresses lead to.
    private var port: Port?
    private var guardian: GuardianLink?

    /// Nil where nothing is to be shared; throws what is missing before anything is started.
    init?(_ plans: [AppPlan], _ context: CommandContext, signals: SignalQueue) throws {
        let request = SharingRequest(context)
        guard !request.isEmpty else { return nil }
        self.context = context
        index = try Self.shared(of: plans, request)
        sharer = Sharer(request, context, signals: SignalSource(signals))
        LeftShares(context).end()
        try sharer.checkReadiness()
    }

    /// The app that people open; where it isn't clear which one that is, none is shared.
    private static func shared(of plans: [AppPlan], _ request: SharingRequest) throws -> Int {
        let named = plans.indices.filter { plans[$0].name != nil }
        if named.count == 1 { return named[0] }
        let main = named.filter { plans[$0].furtherName != nil }
        if main.count == 1 { return main[0] }
        guard !named.isEmpty else {
            throw Failure(
                "Nothing that runs here has a name, so nothing can be shared.",
                remedy: "Leave \(request.flags) out.",
            )
        }
        let names = named.map { plans[$0].label }.joined(separator: ", ")
        throw Failure(
            "\(request.flags) shares one app, and several run here: \(names).",
            remedy: """
                Start them without it, then share one: \
                portless share \(plans[named[0]].name?.description ?? "<name>") \(request.flags)
                """,
        )
    }

    /// Gives the app its addresses and writes them into its route.
    mutating func begin(_ apps: [RunningApp], _ guardian: GuardianLink?) throws {
        guard let names = apps[index].names, let hostname = names.names.own.first else { return }
        port = names.port
        let provider = sharer.request.providers.first ?? .tailscale
        try sharer.share(
            ShareRecord(hostname: hostname, provider: provider, port: names.port),
            announcement: guardian?.announcement,
        )
        self.guardian = guardian
        record(under: names)
    }

    func variables(forApp other: Int) -> [String: String] {
        other == index ? sharer.variables : [:]
    }

    func lines(_ style: TextStyle) -> [StyledText] { sharer.lines(style) }

    /// Writes the addresses into the app's primary route.
    private func record(under names: RegisteredNames?) {
        do {
            for share in sharer.open { try names?.setAddress(share.record) }
        } catch {
            context.console.report(error)
        }
    }

    /// Clears what has ended by itself, and ends what leads to a port that the app has left.
    mutating func look(_ apps: [RunningApp], areNamesBack: Bool) {
        let app = apps[index]
        if areNamesBack { record(under: app.names) }
        for ended in sharer.takeEnded() { remove(ended, app) }
        guard let names = app.names, let port, names.port != port, !sharer.open.isEmpty else {
            return
        }
        context.console.warn(
            """
            The app listens on port \(names.port), but is shared on port \(port), so the sharing \
            was ended. Share it once it runs: portless share \
            \(app.plan.name?.description ?? "<name>") \(sharer.request.flags)
            """
        )
        end(apps)
    }

    /// Takes the addresses back; the second call does nothing.
    mutating func end(_ apps: [RunningApp]) {
        let records = sharer.open.map(\.record)
        sharer.close()
        for record in records { remove(record, apps[index]) }
    }

    private func remove(_ record: ShareRecord, _ app: RunningApp) {
        if let tunnel = record.tunnel { guardian?.forget(ChildProcess(pid: tunnel.pid)) }
        try? app.names?.removeAddress(of: record.provider)
    }
}
