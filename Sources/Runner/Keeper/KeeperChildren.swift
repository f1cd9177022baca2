import HostSystem
import Synchronization

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
