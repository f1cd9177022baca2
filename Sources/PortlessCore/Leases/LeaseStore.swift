import HostSystem
import SystemPackage

/// The leases of a state directory, changed under a lock, so that two callers never share a port.
package struct LeaseStore: Sendable {
    package let directory: StateDirectory

    package init(directory: StateDirectory) {
        self.directory = directory
    }

    /// All leases by the name of their app, read without the lock.
    package func list() throws -> [PortLease] {
        try read().leases.sorted { $0.app < $1.app }
    }

    /// Leases ports by the plan; `isFree` is asked under the lock.
    package func lease(
        _ requests: [LeaseRequest],
        for app: AppName,
        by plan: PortPlan,
        mayMove: Bool = false,
        isFree: (Port) throws -> Bool,
    ) throws -> (lease: PortLease, change: PortPlan.Change) {
        try FileLock.withLock(at: directory.leasesLock, owner: directory.owner) {
            var document = try read()
            let result = try plan.lease(
                requests,
                for: app,
                among: document.leases,
                mayMove: mayMove,
                isFree: isFree,
            )
            if result.change != .unchanged {
                document.set(result.lease)
                try write(document)
            }
            return result
        }
    }

    /// Gives an app's ports back; nil where it has none.
    @discardableResult
    package func release(_ app: AppName) throws -> PortLease? {
        try FileLock.withLock(at: directory.leasesLock, owner: directory.owner) {
            var document = try read()
            guard let lease = document.leases.first(where: { $0.app == app }) else { return nil }
            document.remove(app)
            try write(document)
            return lease
        }
    }

    private func read() throws -> LeasesDocument {
        do {
            return try LeasesDocument(parsing: AtomicFile.read(directory.leases))
        } catch let error as SystemError where error.errno == .noSuchFileOrDirectory {
            return LeasesDocument()
        } catch let error as LeasesDocument.Problem {
            throw LeaseError.unreadable(directory.leases, reason: error.reason)
        } catch let error as JSONSyntaxError {
            throw LeaseError.unreadable(directory.leases, reason: error.description)
        }
    }

    private func write(_ document: LeasesDocument) throws {
        try directory.write(document.text, to: directory.leases)
    }
}
