package import HostSystem

/// Decides when an app that only requests have started is stopped.
package enum IdlePolicy {
    package enum Decision: Hashable, Sendable {
        case stop
        /// It isn't to be stopped before, and has to be looked at then.
        case look(at: Timestamp)
        /// It is none of those that are stopped.
        case never
    }

    /// Pauses between looks at an app that is in use, or of which the proxy tells nothing.
    private static let pauses = Duration.seconds(1)...Duration.seconds(30)

    /// When the app has to be looked at next; nil for one that isn't stopped for being idle.
    package static func deadline(_ record: StartRecord, idle: Duration?) -> Timestamp? {
        guard record.starter == .request, let idle, let startedAt = record.startedAt else {
            return nil
        }
        return max(startedAt, record.lastUse ?? startedAt).advanced(by: idle)
    }

    /// `use` is what the proxy tells of the app's ports, nil where it tells nothing; `isNeeded` is
    /// whether another app that runs depends on it.
    package static func decide(
        _ record: inout StartRecord,
        idle: Duration?,
        use: AppUse?,
        isNeeded: Bool,
        now: Timestamp,
    ) -> Decision {
        guard record.starter == .request, let idle else { return .never }
        let pause = min(max(idle, pauses.lowerBound), pauses.upperBound)
        // Without the proxy there may be connections that are only not known.
        guard let use else { return .look(at: now.advanced(by: pause)) }
        // A clock that was set back would keep it for long.
        if let last = record.lastUse, last > now { record.lastUse = now }
        if let started = record.startedAt, started > now { record.startedAt = now }
        if use.open > 0 {
            record.lastUse = now
        } else if let last = use.last {
            record.lastUse = min(max(last, record.lastUse ?? last), now)
        }
        guard use.open == 0, !isNeeded else { return .look(at: now.advanced(by: pause)) }
        guard let end = deadline(record, idle: idle), end > now else { return .stop }
        return .look(at: end)
    }
}

/// How an app's ports are used by the requests of the proxy.
package struct AppUse: Hashable, Sendable {
    /// Exchanges, WebSockets and event streams included, that are open.
    package var open: Int
    /// When the last one ended, or, where none did, when the proxy began to look.
    package var last: Timestamp?

    package init(open: Int, last: Timestamp?) {
        self.open = open
        self.last = last
    }
}
