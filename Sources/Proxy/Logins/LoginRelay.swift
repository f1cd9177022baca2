import NIOConcurrencyHelpers
import NIOCore
import PortlessCore
import Synchronization

/// Remembers which git worktree has begun which OAuth login.
///
/// A provider sends its answer to the one address that is registered there, that of the main
/// checkout. The app of a worktree begins a login with that address (`redirect_uri`) and a `state`
/// that comes back with the answer; the proxy sees both when the app sends the browser to the
/// provider, and so knows where the answer belongs. All event loops share one of these.
final class LoginRelay: Sendable {
    private struct Key: Hashable {
        let callback: LoginCallback
        let state: [UInt8]
    }

    private struct Login {
        let target: Hostname
        let isForm: Bool
        let expiry: NIODeadline
    }

    private struct State {
        var logins: [Key: Login] = [:]
        /// The oldest first.
        var order: [Key] = []

        mutating func forget(where isOld: (Login) -> Bool) {
            logins = logins.filter { !isOld($0.value) }
            order.removeAll { logins[$0] == nil }
        }
    }

    private static let capacity = 256
    /// People look for their phones before they confirm a login.
    private static let lifetime = TimeAmount.minutes(10)

    /// Asked for each request, hence without a lock.
    private let count = Atomic(0)
    private let state = NIOLockedValueBox(State())
    private let now: @Sendable () -> NIODeadline

    init(now: @escaping @Sendable () -> NIODeadline = { .now() }) {
        self.now = now
    }

    /// Whether no login is under way, which is so for nearly all requests.
    var isEmpty: Bool { count.load(ordering: .relaxed) == 0 }

    func record(_ start: LoginStart, target: Hostname) {
        let now = now()
        let key = Key(callback: start.callback, state: start.state)
        let login = Login(target: target, isForm: start.isForm, expiry: now + Self.lifetime)
        state.withLockedValue { state in
            state.forget { $0.expiry <= now }
            state.logins[key] = login
            state.order.removeAll { $0 == key }
            state.order.append(key)
            if state.order.count > Self.capacity {
                state.logins[state.order.removeFirst()] = nil
            }
            count.store(state.order.count, ordering: .relaxed)
        }
    }

    /// Where the answer to a login belongs; nil for anything that no worktree has begun.
    func target(of callback: LoginCallback, state wanted: [UInt8]) -> Hostname? {
        let now = now()
        return state.withLockedValue { state in
            let login = state.logins[Key(callback: callback, state: wanted)]
            guard let login, login.expiry > now else { return nil }
            return login.target
        }
    }

    /// Whether the answer to a login may come here as a form; forgets what is too old.
    func expectsForm(at callback: LoginCallback) -> Bool {
        let now = now()
        return state.withLockedValue { state in
            state.forget { $0.expiry <= now }
            count.store(state.order.count, ordering: .relaxed)
            return state.logins.contains { $0.key.callback == callback && $0.value.isForm }
        }
    }
}
