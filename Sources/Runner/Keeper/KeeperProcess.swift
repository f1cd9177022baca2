import HostSystem
import Synchronization
package import SystemPackage

/// Starts keepers in processes of their own.
package struct KeeperProcess: Sendable {
    /// This program's file.
    package var executable: FilePath
    /// The arguments that lead to `Keeper.run`; the app's folder follows.
    package var arguments: [String]
    package var environment: [String: String]

    package init(executable: FilePath, arguments: [String], environment: [String: String]) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
    }

    /// A keeper without a report after this time is stuck.
    private static let patience = Duration.seconds(30)

    /// Starts a keeper and waits until it takes requests, or has reported why it can't.
    ///
    /// A folder that already has a keeper keeps it.
    package func launch(_ folder: KeeperFolder) throws {
        try folder.create()
        let pipe = try Pipe()
        defer { try? pipe.reading.close() }
        var daemon = Daemon(
            executable: executable,
            arguments: arguments + [folder.path.string],
            environment: environment,
            log: folder.keeperLog,
        )
        daemon.name = "portless"
        // The keeper needs no directory, for all its paths are absolute, and keeps none busy.
        daemon.workingDirectory = "/"
        daemon.passedDescriptors = [pipe.writing]
        let child: ChildProcess
        do {
            child = try daemon.spawn()
        } catch {
            try? pipe.writing.close()
            throw error
        }
        try? pipe.writing.close()
        let began = ContinuousClock.now
        let report = StartReport.receive(from: pipe.reading, within: Self.patience)
        // A stuck keeper would hold the lock and keep any other away.
        if report == nil { child.send(.kill) }
        KeeperChildren.shared.add(child)
        switch report {
        case .ready: return
        case .failed(let sentence, _):
            // The sentence becomes a part of another one.
            let end = sentence.hasSuffix(".") ? sentence.dropLast() : sentence[...]
            throw KeeperLaunchError(description: String(end))
        case nil:
            let isStuck = began.duration(to: .now) >= Self.patience
            throw KeeperLaunchError(
                description: """
                    it \(isStuck ? "didn't get ready in time" : "ended at once"); \
                    \(folder.keeperLog) may say why
                    """
            )
        }
    }
}

/// Why a keeper that was started takes no requests.
struct KeeperLaunchError: Error, CustomStringConvertible {
    let description: String
}

/// The keepers that this process has started, and so has to reap.
final class KeeperChildren: Sendable {
    static let shared = KeeperChildren()

    private let children = Mutex<[ChildProcess]>([])

    func add(_ child: ChildProcess) {
        children.withLock { $0.append(child) }
        reapEnded()
    }

    /// Reaps those that have exited.
    func reapEnded() {
        children.withLock { children in
            children.removeAll { child in
                guard case .ended? = try? child.change() else { return false }
                try? child.reap()
                return true
            }
        }
    }
}
