import HostSystem
import SystemPackage

/// The lock on `routes.json` between processes, our own and the original's.
///
/// Our processes queue on an advisory lock, which the kernel hands on in turn. Only the first of them
/// competes for the directory that the original creates as its lock: hundreds wait without polling,
/// and the original meets a single competitor.
struct RoutesLock: Sendable {
    struct Timing: Sendable {
        /// The age at which the original's protocol takes a lock for abandoned.
        var staleness: Duration = .seconds(10)
        /// How long to wait for one holder; longer than `staleness`, so that a crashed holder makes no
        /// process fail.
        var patience: Duration = .seconds(15)
        /// How long to wait in total while holders come and go.
        var limit: Duration = .seconds(60)
        var firstDelay: Duration = .milliseconds(10)
        var longestDelay: Duration = .milliseconds(100)
    }

    /// Proof of the lock, until another process takes it for abandoned.
    struct Hold {
        fileprivate let path: FilePath
        fileprivate let identity: Identity

        /// The original removes a lock older than ten seconds, even if its holder was only suspended, so a
        /// writer asks just before it writes.
        var isIntact: Bool { Identity(path) == identity }
    }

    /// A lock directory told apart from its successors.
    ///
    /// The inode alone wouldn't do: file systems give a freed one to the next directory.
    fileprivate struct Identity: Equatable {
        let device: UInt64
        let inode: UInt64
        let modified: Int64

        init?(_ path: FilePath) {
            guard let found = try? FileStatus.of(path, followingLinks: false) else { return nil }
            device = found.device
            inode = found.inode
            modified = found.modified
        }

        /// Negative where the lock seems to come from the future: the clock was set back since, or
        /// the file server's is ahead.
        var age: Duration { .nanoseconds(SystemClock.now.saturatingSubtract(modified)) }
    }

    let directory: StateDirectory
    var timing = Timing()

    func withLock<Result>(_ body: (Hold) throws -> Result) throws -> Result {
        try FileLock.withLock(at: directory[.routesQueue], owner: directory.owner) {
            let hold = try acquire()
            defer { if hold.isIntact { try? FileSystem.removeDirectory(hold.path) } }
            return try body(hold)
        }
    }

    private func acquire() throws -> Hold {
        let path = directory[.routesLock]
        let clock = ContinuousClock()
        let start = clock.now
        var holder: Identity?
        var holderSeen = start
        var delay = timing.firstDelay
        while true {
            if try FileSystem.makeDirectory(path, mode: FilePermissions(rawValue: 0o755)) {
                guard let identity = Identity(path) else { continue }
                return Hold(path: path, identity: identity)
            }
            guard let current = Identity(path) else { continue }
            let now = clock.now
            if current != holder { (holder, holderSeen) = (current, now) }
            // With a time in the future, the lock's age is how long this process has watched it.
            let age = current.age < .zero ? now - holderSeen : current.age
            if age > timing.staleness {
                try removeAbandoned(current, path)
                continue
            }
            guard now - holderSeen < timing.patience, now - start < timing.limit else {
                throw RoutesError.lockUnavailable(
                    path,
                    seconds: Int((now - start).components.seconds),
                )
            }
            SystemClock.sleep(for: delay + delay * Double.random(in: 0...1))
            delay = min(delay * 2, timing.longestDelay)
        }
    }

    private static let asidePrefix = "routes.lock."

    /// Removes what a process that was killed in `removeAbandoned` has left; the queue lets only one
    /// process get here at a time.
    private func removeLeftovers() {
        for name in DirectoryListing.names(directory.path) where name.hasPrefix(Self.asidePrefix) {
            try? FileSystem.removeDirectory(directory.path.appending(name))
        }
    }

    /// Removes an abandoned lock, but not one that another process has put in its place since.
    private func removeAbandoned(_ identity: Identity, _ path: FilePath) throws {
        removeLeftovers()
        let suffix = String(UInt64.random(in: .min ... .max), radix: 36)
        let aside = directory.path.appending(Self.asidePrefix + suffix)
        do {
            try FileSystem.move(path, to: aside)
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
            return
        }
        if Identity(aside) == identity {
            // The user may have made a file of that name.
            do { try FileSystem.removeDirectory(aside) } catch { try FileSystem.removeFile(aside) }
        } else {
            try FileSystem.move(aside, to: path)
        }
    }
}
