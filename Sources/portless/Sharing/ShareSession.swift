import ArgumentParser
import HostSystem
import Machine
import PortlessCore
import Proxy
import Runner

/// One `portless share`, from the check of the tools to its end: Ctrl-C, the end of its time, of the
/// app or of the tunnel.
struct ShareSession {
    private static let pause = Duration.seconds(1)
    /// How long the app's name may be gone, as while its entry is written again.
    private static let patience = Duration.seconds(5)
    private static let endings: Set<Signal> = [.hangUp, .interrupt, .quit, .terminate]

    private enum End: Equatable {
        case signal(Signal)
        case timeIsUp
        case appHasEnded
        case tunnelHasEnded
    }

    let context: CommandContext
    let app: SharedApp
    let lifetime: ShareLifetime?
    let password: String?
    let signals: SignalSource
    /// Called once strangers can reach the app.
    var whenShared: ([ShareRecord]) -> Void

    func run(_ request: SharingRequest) throws {
        let directory = try context.preparedStateDirectory()
        let guardian = try context.startGuardian(context, directory)
        defer { guardian?.finish() }
        LeftShares(context).end()
        var sharer = Sharer(request, context, signals: signals)
        try sharer.checkReadiness()
        let start = ContinuousClock.now
        let settings = GateSettings(
            hostname: app.hostname,
            password: password,
            deadline: lifetime.map { start + $0.duration },
        )
        let gate = try waiting { [owner = app.owner] in
            try await ShareGate.start(settings, owner: owner, in: directory)
        }
        defer { try? waiting { await gate.stop() } }
        var record = ShareRecord(
            hostname: app.hostname,
            provider: request.providers[0],
            port: gate.port,
        )
        record.isSeparate = true
        record.hasPassword = password != nil
        record.expiresAt = lifetime.map { Timestamp.now.advanced(by: $0.duration) }
        try sharer.share(record, announcement: guardian?.announcement)
        defer {
            let records = sharer.open.map(\.record)
            sharer.close()
            for record in records { removeAddress(record) }
        }
        try setAddresses(sharer.open.map(\.record))
        whenShared(sharer.open.map(\.record))
        let end = watch(&sharer, until: record.expiresAt, settings.deadline)
        try tell(end)
    }

    private func watch(
        _ sharer: inout Sharer,
        until expiry: Timestamp?,
        _ deadline: ContinuousClock.Instant?,
    ) -> End {
        var lastSeen = ContinuousClock.now
        while true {
            let now = ContinuousClock.now
            // Either clock may be set or stand still.
            if let deadline, now >= deadline { return .timeIsUp }
            if let expiry, Timestamp.now >= expiry { return .timeIsUp }
            for ended in sharer.takeEnded() { removeAddress(ended) }
            if sharer.open.isEmpty { return .tunnelHasEnded }
            if let entry = app.entry(context) {
                lastSeen = now
                let missing = sharer.open.map(\.record).filter { record in
                    !entry.addresses.contains { $0.url == record.url }
                }
                if !missing.isEmpty { try? setAddresses(missing) }
            } else if lastSeen.duration(to: now) > Self.patience {
                return .appHasEnded
            }
            let left = deadline.map { now.duration(to: $0) } ?? Self.pause
            let signal = signals.next(min(left, Self.pause))
            if let signal, Self.endings.contains(signal) { return .signal(signal) }
        }
    }

    private func tell(_ end: End) throws {
        let name = app.hostname
        switch end {
        case .signal(.interrupt), .signal(.terminate):
            context.console.say("\(name) isn't shared any more.")
        case .signal(let signal): throw ExitCode(ProcessEnd.signalled(signal).exitCode)
        case .timeIsUp: context.console.say("The time is over: \(name) isn't shared any more.")
        case .appHasEnded:
            context.console.say("\(name) has ended, so it isn't shared any more.")
        case .tunnelHasEnded:
            throw Failure(
                "\(name) isn't shared any more, because its tunnel has ended.",
                remedy: "Share it again; what the tunnel's program said is above.",
            )
        }
    }

    private func setAddresses(_ records: [ShareRecord]) throws {
        try context.routes().update([app.hostname], ownedBy: app.owner) { entry in
            for record in records { entry.setAddress(record) }
        }
    }

    private func removeAddress(_ record: ShareRecord) {
        try? context.routes().update([app.hostname], ownedBy: app.owner) { entry in
            guard entry.addresses.contains(where: { $0.url == record.url }) else { return }
            entry.removeAddress(of: record.provider)
        }
    }
}

/// An app that runs already, and is to be shared: its name and who has it.
struct SharedApp: Equatable, Sendable {
    let hostname: Hostname
    /// Another owner of the name is another app.
    let owner: Route.Owner

    /// Finds the app by its name: with the worktree's prefix first, as in a run.
    static func find(_ text: String, _ context: CommandContext) throws -> SharedApp {
        let tlds = try context.describeProxy().tlds
        let entries = try context.routes().list()
        let name = try AppName(parsing: text)
        let prefixed = try name.prefixed(by: context.project.worktreePrefix)
        for name in [prefixed, name] {
            for hostname in try name.hostnames(under: tlds) {
                let entry = entries.first { $0.hostname.lowercased() == hostname.description }
                if let entry { return SharedApp(hostname: hostname, owner: entry.owner) }
            }
        }
        throw Failure(
            "No app called \"\(text)\" runs, so there is nothing to share.",
            remedy: "`portless list` shows the names.",
        )
    }

    func entry(_ context: CommandContext) -> RouteEntry? {
        try? context.routes().list().first { entry in
            entry.hostname.lowercased() == hostname.description && entry.owner == owner
        }
    }
}

/// How long a share lasts: `90s`, `30m`, `2h`, `1d`.
struct ShareLifetime: Equatable, Sendable {
    private static let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    private static let longest: Int64 = 30 * 86_400

    let duration: Duration

    init(argument: String) throws {
        guard let unit = argument.last.flatMap({ Self.units[$0] }),
            let count = UInt32(argument.dropLast()), count > 0,
            Int64(count) * unit <= Self.longest
        else {
            throw Failure(
                "Invalid --ttl \"\(argument)\".",
                remedy: "It takes a time such as 90s, 30m, 2h or 1d, at most 30d.",
            )
        }
        duration = .seconds(Int64(count) * unit)
    }
}

/// The password of a share: made up, or read from where no other user sees it.
enum SharePassword {
    private static let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789")
    private static let shortest = 6
    private static let longest = 256

    /// 75 bits in three groups.
    static func generated() -> String {
        (0..<3).map { _ in
            String((0..<5).compactMap { _ in alphabet.randomElement() })
        }.joined(separator: "-")
    }

    static func checked(_ text: String) throws -> String {
        guard (shortest...longest).contains(text.utf8.count) else {
            throw Failure(
                "The password has to have \(shortest) to \(longest) characters.",
                remedy: "Leave its value out, and --password makes one up.",
            )
        }
        return text
    }
}
