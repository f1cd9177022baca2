package import HostSystem
package import PortlessCore
import Synchronization

/// The certificates in use, minted on first use and again before they expire.
///
/// Safe from any thread. Minting happens under its lock, so that a burst of connections to a new
/// name mints once; it takes about a millisecond.
package final class LeafCache: Sendable {
    private struct Entry {
        let leaf: LeafCertificate
        var lastUse: UInt64
    }

    /// Leaves by name; the one unused for longest makes room.
    private struct Shelf {
        private var entries: [Hostname: Entry] = [:]

        var count: Int { entries.count }

        mutating func use(_ name: Hostname, at use: UInt64) -> LeafCertificate? {
            entries[name]?.lastUse = use
            return entries[name]?.leaf
        }

        mutating func put(
            _ leaf: LeafCertificate,
            for name: Hostname,
            at use: UInt64,
            in capacity: Int,
        ) {
            entries[name] = Entry(leaf: leaf, lastUse: use)
            guard entries.count > capacity else { return }
            let oldest = entries.min { $0.value.lastUse < $1.value.lastUse }
            if let oldest { entries[oldest.key] = nil }
        }

        mutating func remove(_ name: Hostname) { entries[name] = nil }
    }

    private struct State {
        var issuer: LeafIssuer
        var served = Shelf()
        var unserved = Shelf()
        var rate = MintingRate()
        var localhost: LeafCertificate?
        var uses: UInt64 = 0
        var file: FileStatus?
    }

    private static let renewedBeforeDays = 7
    /// How many leaves are kept for names that are not served.
    private static let unservedCapacity = 128

    private let capacity: Int
    private let topLevelDomains: [Hostname]
    private let store: AuthorityStore?
    private let isServed: @Sendable (Hostname) -> Bool
    private let state: Mutex<State>

    /// `isServed` says which names are routed or configured, or are under such a one.
    ///
    /// Other names under the top-level domains get a leaf as well, so that a stopped app's bookmark
    /// ends on a page and not on a warning; they have room of their own and a limited rate, so that a
    /// flood of names costs the served ones nothing. All names beyond that get the certificate of
    /// `localhost`. With `store` the cache adopts a CA that another process puts there.
    package init(
        issuer: LeafIssuer,
        store: AuthorityStore? = nil,
        topLevelDomains: [Hostname],
        capacity: Int = 512,
        isServed: @escaping @Sendable (Hostname) -> Bool,
    ) {
        precondition(capacity > 0, "a cache needs room for one certificate")
        self.capacity = capacity
        self.topLevelDomains = topLevelDomains
        self.isServed = isServed
        self.store = store
        state = Mutex(State(issuer: issuer))
    }

    /// The certificate for a connection that asks for `name`; nil where the client names none.
    ///
    /// Plain `localhost` has a leaf without addresses: BoringSSL (gRPC, Android) can't check a
    /// constraint on addresses, and refuses every chain that needs it.
    package func leaf(
        for name: Hostname?,
        at now: Timestamp = .now,
        instant: ContinuousClock.Instant = .now,
    ) throws -> LeafCertificate {
        guard let name else { return try localhostLeaf(at: now) }
        let isServed = name.description == "localhost" || isServed(name)
        guard isServed || topLevelDomains.contains(where: name.isSubdomain) else {
            return try localhostLeaf(at: now)
        }
        return try state.withLock { state in
            adoptNewAuthority(&state)
            guard state.issuer.authority.scope.covers(name) else {
                return try localhostLeaf(&state, at: now)
            }
            state.uses += 1
            let known =
                state.served.use(name, at: state.uses) ?? state.unserved.use(name, at: state.uses)
            if let known, Self.isFresh(known, now) {
                if isServed { keep(known, name, &state) }
                return known
            }
            guard isServed || state.rate.take(at: instant) else {
                return try localhostLeaf(&state, at: now)
            }
            let leaf = try state.issuer.leaf(for: name, at: now)
            if isServed {
                keep(leaf, name, &state)
            } else {
                state.unserved.put(leaf, for: name, at: state.uses, in: Self.unservedCapacity)
            }
            return leaf
        }
    }

    private func keep(_ leaf: LeafCertificate, _ name: Hostname, _ state: inout State) {
        state.unserved.remove(name)
        state.served.put(leaf, for: name, at: state.uses, in: capacity)
    }

    /// How many leaves of served names it has.
    var count: Int { state.withLock { $0.served.count } }

    /// How many leaves of other names it has.
    var unservedCount: Int { state.withLock { $0.unserved.count } }

    private func localhostLeaf(at now: Timestamp) throws -> LeafCertificate {
        try state.withLock { state in
            adoptNewAuthority(&state)
            return try localhostLeaf(&state, at: now)
        }
    }

    /// Checks the file's status once a connection: a new CA (for another TLD, say) takes effect at once,
    /// and a file that is gone or half-written changes nothing.
    private func adoptNewAuthority(_ state: inout State) {
        guard let store, let file = try? FileStatus.of(store.directory[.caCertificate]),
            file != state.file
        else { return }
        state.file = file
        guard let authority = try? store.existing(), authority.der != state.issuer.authority.der
        else { return }
        state = State(issuer: LeafIssuer(authority: authority), file: file)
    }

    private func localhostLeaf(_ state: inout State, at now: Timestamp) throws -> LeafCertificate {
        if let leaf = state.localhost, Self.isFresh(leaf, now) { return leaf }
        let leaf = try state.issuer.localhostLeaf(topLevelDomains: topLevelDomains, at: now)
        state.localhost = leaf
        return leaf
    }

    /// Also checks the start: a clock that was set back makes a certificate not yet valid.
    private static func isFresh(_ leaf: LeafCertificate, _ now: Timestamp) -> Bool {
        leaf.isValid(at: now) && leaf.isValid(at: now.advanced(byDays: renewedBeforeDays))
    }
}

/// How often a leaf may be minted for a name that is not served: at most 20 times in any second.
struct MintingRate {
    typealias Instant = ContinuousClock.Instant

    static let limit = 20
    private static let period = Duration.seconds(1)

    /// When the last ones were minted, the oldest first.
    private var times: [Instant] = []

    /// False where it would be one too many.
    mutating func take(at now: Instant) -> Bool {
        times.removeAll { $0.duration(to: now) >= Self.period }
        guard times.count < Self.limit else { return false }
        times.append(now)
        return true
    }
}
