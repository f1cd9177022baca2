package import HostSystem
package import PortlessCore
import Synchronization

/// The certificates in use, minted when first asked for and again before they expire.
///
/// Safe from any thread. Minting happens under its lock, so that a burst of connections to a new
/// name mints once; it takes about a millisecond.
package final class LeafCache: Sendable {
    private struct Entry {
        let leaf: LeafCertificate
        var lastUse: UInt64
    }

    private struct State {
        var issuer: LeafIssuer
        var leaves: [Hostname: Entry] = [:]
        var localhost: LeafCertificate?
        var uses: UInt64 = 0
        var file: FileStatus?
    }

    private static let renewedBeforeDays = 7

    private let capacity: Int
    private let topLevelDomains: [Hostname]
    private let store: AuthorityStore?
    private let isServed: @Sendable (Hostname) -> Bool
    private let state: Mutex<State>

    /// `isServed` says which names are worth a certificate: those routed or configured, and those
    /// under a routed name.
    ///
    /// A client chooses the names it asks for, so all others get the certificate of `localhost`.
    /// With `store` the cache goes over to the CA that another process puts there.
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
    /// Who asks for plain `localhost` gets a leaf without addresses: BoringSSL (gRPC, Android)
    /// can't check a constraint on addresses, and refuses every chain that needs it.
    package func leaf(for name: Hostname?, at now: Timestamp = .now) throws -> LeafCertificate {
        guard let name, name.description == "localhost" || isServed(name) else {
            return try localhostLeaf(at: now)
        }
        return try state.withLock { state in
            adoptNewAuthority(&state)
            guard state.issuer.authority.scope.covers(name) else {
                return try Self.localhostLeaf(&state, topLevelDomains, now)
            }
            state.uses += 1
            if let entry = state.leaves[name], Self.isFresh(entry.leaf, now) {
                state.leaves[name]?.lastUse = state.uses
                return entry.leaf
            }
            let leaf = try state.issuer.leaf(for: name, at: now)
            state.leaves[name] = Entry(leaf: leaf, lastUse: state.uses)
            if state.leaves.count > capacity { Self.evict(&state) }
            return leaf
        }
    }

    /// Signs with another CA from now on: its files have changed.
    package func use(_ issuer: LeafIssuer) {
        state.withLock { state in
            state = State(issuer: issuer)
        }
    }

    package var count: Int { state.withLock { $0.leaves.count } }

    private func localhostLeaf(at now: Timestamp) throws -> LeafCertificate {
        try state.withLock { state in
            adoptNewAuthority(&state)
            return try Self.localhostLeaf(&state, topLevelDomains, now)
        }
    }

    /// One look at the file a connection: a CA that was made anew (for another TLD, say) counts at
    /// once, and one that is gone or half-written leaves us with what we have.
    private func adoptNewAuthority(_ state: inout State) {
        guard let store, let file = try? FileStatus.of(store.directory.caCertificate),
            file != state.file
        else { return }
        state.file = file
        guard let authority = try? store.existing(), authority.der != state.issuer.authority.der
        else { return }
        state = State(issuer: LeafIssuer(authority: authority), file: file)
    }

    private static func localhostLeaf(
        _ state: inout State,
        _ topLevelDomains: [Hostname],
        _ now: Timestamp,
    ) throws -> LeafCertificate {
        if let leaf = state.localhost, isFresh(leaf, now) { return leaf }
        let leaf = try state.issuer.localhostLeaf(topLevelDomains: topLevelDomains, at: now)
        state.localhost = leaf
        return leaf
    }

    /// A clock that was set back makes a certificate not yet valid, one that jumped ahead (sleep)
    /// makes it old; both mint anew.
    private static func isFresh(_ leaf: LeafCertificate, _ now: Timestamp) -> Bool {
        leaf.isValid(at: now) && leaf.isValid(at: now.advanced(byDays: renewedBeforeDays))
    }

    private static func evict(_ state: inout State) {
        let oldest = state.leaves.min { $0.value.lastUse < $1.value.lastUse }
        if let oldest { state.leaves[oldest.key] = nil }
    }
}
