package import HostSystem
package import SystemPackage

/// The proxy's view of `routes.json`: always fresh, at the cost of one `stat` while it is unchanged.
///
/// Not to be shared between threads; each event loop has its own.
package final class RoutesFile {
    private let path: FilePath
    private let isAlive: @Sendable (ProcessIdentity) -> Bool
    private let reportProblem: (String) -> Void
    private let lookUp: (FilePath) throws -> FileStatus?
    private var snapshot = RoutesSnapshot(routes: [])
    private var content: [UInt8] = []
    private var seen: FileStatus?
    /// Whether the file may have changed since without a change of its status.
    private var isRacy = false
    private var problem: String?

    /// Reads nothing yet.
    ///
    /// `reportProblem` is called once for each content that can't be understood; the earlier routes
    /// remain in force. Tests replace `lookUp`.
    package init(
        directory: StateDirectory,
        isAlive: @escaping @Sendable (ProcessIdentity) -> Bool = { $0.isAlive },
        lookUp: @escaping (FilePath) throws -> FileStatus? = { try FileStatus.of($0) },
        reportProblem: @escaping (String) -> Void,
    ) {
        self.lookUp = lookUp
        path = directory[.routes]
        self.isAlive = isAlive
        self.reportProblem = reportProblem
    }

    /// The routes as they are now.
    package func current() -> RoutesSnapshot {
        do {
            let status = try lookUp(path)
            if status != seen || isRacy { try reload(status) }
        } catch {
            reportOnce("\(error)")
        }
        return snapshot
    }

    /// Leaves out the routes of an owner if it has ended, which changes no file.
    package func forgetIfEnded(_ owner: Route.Owner) {
        guard case .process(let process) = owner, !isAlive(process) else { return }
        let others = snapshot.routes.filter { $0.owner != owner }
        if others.count < snapshot.routes.count { snapshot = RoutesSnapshot(routes: others) }
    }

    private func reload(_ status: FileStatus?) throws {
        guard let status else { return adopt([], content: [], status: nil) }
        let start = SystemClock.now
        guard let bytes = try AtomicFile.readIfPresent(path) else {
            return adopt([], content: [], status: nil)
        }
        isRacy = start.saturatingSubtract(status.changed) < Self.clockTick(of: status)
        guard seen == nil || bytes != content else {
            seen = status
            return
        }
        do {
            let entries = try RoutesDocument(parsing: bytes).entries
            let live = entries.filter { $0.isAlive(isAlive) }
            adopt(live.compactMap(\.route), content: bytes, status: status)
        } catch {
            seen = status
            content = bytes
            reportOnce("The routes file \(path) can't be understood: \(error).")
        }
    }

    private func adopt(_ routes: [Route], content: [UInt8], status: FileStatus?) {
        if routes != snapshot.routes { snapshot = RoutesSnapshot(routes: routes) }
        self.content = content
        seen = status
        if status == nil { isRacy = false }
        problem = nil
    }

    private func reportOnce(_ problem: String) {
        guard problem != self.problem else { return }
        self.problem = problem
        reportProblem(problem)
    }

    /// How long two changes may carry the same time stamp, in nanoseconds.
    ///
    /// Kernels stamp files with the time of the last tick of their clock, up to 10 ms ago; file
    /// systems without fractions of a second count in seconds, or in two.
    /// See git's Documentation/technical/racy-git.txt.
    static func clockTick(of status: FileStatus) -> Int64 {
        status.changed % 1_000_000_000 == 0 ? 2_000_000_000 : 20_000_000
    }
}

/// The routes at one moment, the same object as long as they don't change.
package final class RoutesSnapshot: Sendable {
    package let routes: [Route]

    package init(routes: [Route]) {
        self.routes = routes
    }
}
