/// An immutable set of routes, found by the bytes of a request's authority without a copy.
///
/// Lookup goes by exact host name, then by a shared authority (a tunnel's name), then, where
/// wildcards are on, by the longest routed name that the host is a subdomain of. The order of the
/// routes decides among equals: the first one wins. The path is looked at only where the host has
/// routes by path; a shared authority leads to the one app that was shared, whatever the path.
package final class RouteTable: Sendable {
    package let routes: [Route]
    package let usesWildcards: Bool
    private let names: ByteIndex
    private let authorities: ByteIndex
    private let sharedHosts: ByteIndex
    /// The hosts with routes by path, by their first route.
    private let paths: [Int: PathRoutes]

    package static let empty = RouteTable(routes: [], usesWildcards: false)

    package init(routes: [Route], usesWildcards: Bool) {
        self.routes = routes
        self.usesWildcards = usesWildcards
        let shared = routes.enumerated().flatMap { index, route in
            route.sharedAuthorities.map { (key: $0, value: index) }
        }
        names = ByteIndex(routes.enumerated().map { ($1.hostname.description, $0) })
        paths = Self.paths(of: routes)
        // Shared names are reached by TLS, so 443 is the port of one without.
        authorities = ByteIndex(
            shared + shared.compactMap { $0.key.contains(":") ? nil : ($0.key + ":443", $0.value) }
        )
        sharedHosts = ByteIndex(
            shared.map { (String($0.key.prefix { $0 != ":" }), $0.value) }
        )
    }

    private static func paths(of routes: [Route]) -> [Int: PathRoutes] {
        let hosts = Set(routes.filter { $0.path != nil }.map(\.hostname))
        var result: [Int: PathRoutes] = [:]
        for host in hosts {
            let indices = routes.indices.filter { routes[$0].hostname == host }
            guard let first = indices.first else { continue }
            result[first] = PathRoutes(indices.map { (routes[$0].path, $0) })
        }
        return result
    }

    /// The index in `routes` of the route for a request; `path` is its target in origin form, asked
    /// for only where the host has routes by path.
    package func match(authority: Span<UInt8>, path: () -> [UInt8]) -> PathRoutes.Match {
        guard let (index, isShared) = first(forAuthority: authority) else { return .none }
        guard !paths.isEmpty, !isShared, let paths = paths[index] else { return .route(index) }
        return paths.match(path())
    }

    /// The index in `routes` of the first route for an authority, `host[:port]` in any case.
    package func index(forAuthority authority: Span<UInt8>) -> Int? {
        first(forAuthority: authority)?.index
    }

    private func first(forAuthority authority: Span<UInt8>) -> (index: Int, isShared: Bool)? {
        var hostEnd = 0
        while hostEnd < authority.count, authority[hostEnd] != UInt8(ascii: ":") { hostEnd += 1 }
        if hostEnd > 1, authority[hostEnd - 1] == UInt8(ascii: ".") { hostEnd -= 1 }
        let host = authority.extracting(0..<hostEnd)
        if let exact = names.value(for: host) { return (exact, false) }
        if !authorities.isEmpty {
            if let shared = authorities.value(for: authority) ?? sharedHosts.value(for: host) {
                return (shared, true)
            }
        }
        return usesWildcards ? indexOfParent(host).map { ($0, false) } : nil
    }

    /// The first route for a host name, as `index(forAuthority:)` finds it.
    package func route(for hostname: Hostname) -> Route? {
        let bytes = Array(hostname.description.utf8)
        return index(forAuthority: bytes.span).map { routes[$0] }
    }

    private func indexOfParent(_ host: Span<UInt8>) -> Int? {
        for position in host.indices where host[position] == UInt8(ascii: ".") {
            if let parent = names.value(for: host.extracting((position + 1)..<host.count)) {
                return parent
            }
        }
        return nil
    }
}

/// A hash table from ASCII names, compared without case, to indices.
///
/// A dictionary would need a `String` for each request, and those cost more than all the rest of
/// the lookup together.
private struct ByteIndex: Sendable {
    private struct Entry: Sendable {
        let key: Range<Int>
        let value: Int
    }

    /// Indices of `entries`, or -1; a power of two of them, at most half in use.
    private var slots: [Int32] = []
    private var entries: [Entry] = []
    /// All keys in a row.
    private var keyBytes: [UInt8] = []

    var isEmpty: Bool { entries.isEmpty }

    init(_ pairs: [(key: String, value: Int)]) {
        guard !pairs.isEmpty else { return }
        var capacity = 8
        while capacity < pairs.count * 2 { capacity *= 2 }
        slots = Array(repeating: -1, count: capacity)
        for (key, value) in pairs {
            let bytes = Array(key.lowercased().utf8)
            let isKnown = self.value(for: bytes.span) != nil
            guard !isKnown else { continue }
            var slot = Self.hash(bytes.span) & (capacity - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (capacity - 1) }
            slots[slot] = Int32(entries.count)
            let start = keyBytes.count
            keyBytes += bytes
            entries.append(Entry(key: start..<keyBytes.count, value: value))
        }
    }

    func value(for name: Span<UInt8>) -> Int? {
        guard !slots.isEmpty else { return nil }
        let mask = slots.count - 1
        var slot = Self.hash(name) & mask
        while slots[slot] >= 0 {
            let entry = entries[Int(slots[slot])]
            if isEqual(entry.key, name) { return entry.value }
            slot = (slot + 1) & mask
        }
        return nil
    }

    private func isEqual(_ key: Range<Int>, _ name: Span<UInt8>) -> Bool {
        guard key.count == name.count else { return false }
        for index in name.indices
        where keyBytes[key.lowerBound + index] != Self.lowercased(name[index]) {
            return false
        }
        return true
    }

    /// FNV-1a, which is short and spreads short names well; a hostile client can't add names.
    private static func hash(_ name: Span<UInt8>) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in name.indices {
            hash = (hash ^ UInt64(lowercased(name[index]))) &* 0x100_0000_01B3
        }
        return Int(truncatingIfNeeded: hash ^ (hash >> 32)) & Int.max
    }

    @inline(__always)
    private static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- 0x41 < 26 ? byte | 0x20 : byte
    }
}
