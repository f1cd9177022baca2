import HostSystem
import Synchronization
package import SystemPackage

/// Starts keepers in processes of their own.
package struct KeeperProcess: Sendable {
    /// This program's file.
    package var executable: FilePath
    /// What leads it to `Keeper.run`; the app's folder follows.
    package var arguments: [String]
    package var environment: [String: String]

    package init(executable: FilePath, arguments: [String], environment: [String: String]) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
    }

    /// A keeper that says nothing for so long is stuck.
    private static let patience = Duration.seconds(30)

    /// Starts a keeper and waits until it can be asked, or has said why it can't.
    ///
    /// A folder that has a keeper already keeps it.
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
        // It keeps no folder busy, and all its paths are absolute.
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
        let answer = Self.awaitByte(pipe.reading)
        // One that is stuck holds the lock, and keeps any other from its place.
        if answer == .none { child.send(.kill) }
        KeeperChildren.shared.add(child)
        guard answer == .byte else {
            throw KeeperLaunchError(log: folder.keeperLog, isStuck: answer == .none)
        }
    }

    /// Tells the launcher, through descriptor 3, that the keeper can be asked.
    package static func sayReady() {
        let pipe = FileDescriptor(rawValue: 3)
        _ = try? pipe.writeAll([1])
        try? pipe.close()
    }

    private enum Answer {
        case byte
        /// The other end is closed.
        case end
        case none
    }

    private static func awaitByte(_ descriptor: FileDescriptor) -> Answer {
        var poll = Poll()
        poll.add(descriptor, .reading)
        let end = ContinuousClock.now.advanced(by: patience)
        // It also returns early, as when a signal arrives.
        while poll.wait(timeout: ContinuousClock.now.duration(to: end)).isEmpty {
            if ContinuousClock.now >= end { return .none }
        }
        var byte: UInt8 = 0
        let count = try? withUnsafeMutableBytes(of: &byte) { try descriptor.read(into: $0) }
        return count == 1 ? .byte : .end
    }
}

/// A keeper that couldn't be asked after it was started.
struct KeeperLaunchError: Error, CustomStringConvertible {
    let log: FilePath
    let isStuck: Bool

    var description: String {
        isStuck
            ? "it didn't get ready in time; \(log) may say why"
            : "it ended at once; \(log) may say why"
    }
}

/// The keepers that this process itself has started, which it has to reap.
final class KeeperChildren: Sendable {
    static let shared = KeeperChildren()

    private let children = Mutex<[ChildProcess]>([])

    func add(_ child: ChildProcess) {
        children.withLock { $0.append(child) }
        reapEnded()
    }

    /// Lets the system forget those that have ended.
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
