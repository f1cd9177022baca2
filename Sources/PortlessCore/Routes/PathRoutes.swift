/// The routes of a host that has some by path: the longest prefix of a request's path decides.
///
/// Prefixes are compared with the bytes of the request, which go to the app as they came. Servers
/// read some paths in more than one way (`/x/../api`, `/%61pi`, `//api`, `/api;v=1`), and a rule of an
/// app that stands in front of another one (its login, for instance) must not be avoided by one of
/// them. So a path is refused where any of those readings leads to another route than its bytes do.
package struct PathRoutes: Sendable {
    private struct Candidate: Sendable {
        /// Empty for the whole host.
        let prefix: [UInt8]
        let isStripped: Bool
        let index: Int
    }

    /// The longest prefix first.
    private let candidates: [Candidate]

    /// The result of a search.
    package enum Match: Equatable, Sendable {
        case none
        /// The index of the route.
        case route(Int)
        /// The path can be read as one of another route.
        case ambiguous
    }

    /// Of two routes with one prefix the first counts.
    package init(_ routes: [(path: RoutePath?, index: Int)]) {
        candidates =
            routes.map { path, index in
                Candidate(
                    prefix: Array((path?.prefix ?? "").utf8),
                    isStripped: path?.isStripped ?? false,
                    index: index,
                )
            }
            .sorted { ($1.prefix.count, $0.index) < ($0.prefix.count, $1.index) }
    }

    /// The route for a path as it stands in the request, with or without a query, or for `*`.
    package func match(_ target: [UInt8]) -> Match {
        let path = target.prefix { $0 != UInt8(ascii: "?") }
        let found = candidates.first { Self.contains($0.prefix, path) }
        if let found, found.isStripped {
            // What is left would begin with two slashes, and name a host in a redirect.
            let rest = path.dropFirst(found.prefix.count).dropFirst()
            if rest.first.map(PathReading.isSlash) == true { return .ambiguous }
        }
        if PathReading.isNeeded(for: path) {
            for reading in PathReading.all {
                let path = reading.normalized(path)
                let other = candidates.first { Self.contains($0.prefix, path[...]) }
                guard other?.index == found?.index else { return .ambiguous }
            }
        }
        return found.map { .route($0.index) } ?? .none
    }

    /// At the boundaries of segments: `/api` has `/api/x`, and not `/apix`.
    private static func contains(_ prefix: [UInt8], _ path: ArraySlice<UInt8>) -> Bool {
        guard path.count > prefix.count else { return path.elementsEqual(prefix) }
        return path.starts(with: prefix)
            && (prefix.isEmpty || path[path.startIndex + prefix.count] == UInt8(ascii: "/"))
    }
}

/// One of the ways in which servers read a path before they look for what it names.
struct PathReading {
    /// `//` is `/`.
    let mergesSlashes: Bool
    /// `\`, `%2F` and `%5C` are `/`.
    let isLenient: Bool
    /// Of `x;v=1` only `x` counts.
    let dropsParameters: Bool

    static let all: [PathReading] = [false, true].flatMap { merges in
        [false, true].flatMap { lenient in
            [false, true].map { drops in
                PathReading(mergesSlashes: merges, isLenient: lenient, dropsParameters: drops)
            }
        }
    }

    /// Whether there is anything in a path that two servers could read differently.
    static func isNeeded(for path: ArraySlice<UInt8>) -> Bool {
        var last: UInt8 = 0
        for byte in path {
            switch byte {
            case UInt8(ascii: "%"), UInt8(ascii: ";"), UInt8(ascii: "\\"), UInt8(ascii: "#"):
                return true
            case UInt8(ascii: "/") where last == byte: return true
            case UInt8(ascii: ".") where last == UInt8(ascii: "/"): return true
            default: last = byte
            }
        }
        return false
    }

    static func isSlash(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\")
    }

    /// The path without escapes and without `.` and `..` (RFC 3986 section 5.2.4).
    func normalized(_ path: ArraySlice<UInt8>) -> [UInt8] {
        var segments: [[UInt8]] = []
        let all = decoded(path).split(
            separator: UInt8(ascii: "/"),
            omittingEmptySubsequences: false,
        )
        for (index, segment) in all.enumerated() {
            let isLast = index == all.count - 1
            switch Array(segment) {
            case [] where mergesSlashes && index > 0 && !isLast: continue
            case [UInt8(ascii: ".")]: if isLast { segments.append([]) }
            case [UInt8(ascii: "."), UInt8(ascii: ".")]:
                if segments.count > 1 { segments.removeLast() }
                if isLast { segments.append([]) }
            case let other: segments.append(other)
            }
        }
        return Array(segments.joined(separator: [UInt8(ascii: "/")]))
    }

    /// Escapes are undone once, as servers do.
    private func decoded(_ path: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var isParameter = false
        var index = path.startIndex
        while index < path.endIndex {
            var byte = path[index]
            var length = 1
            if byte == UInt8(ascii: "#") { break }
            if byte == UInt8(ascii: "%"), let escaped = Self.escape(path, at: index) {
                length = 3
                if isLenient || !Self.isSlash(escaped) {
                    byte = escaped
                } else {
                    // It stays an ordinary character.
                    byte = 0
                }
            } else if byte == UInt8(ascii: ";"), dropsParameters {
                isParameter = true
            }
            if isLenient, byte == UInt8(ascii: "\\") { byte = UInt8(ascii: "/") }
            if byte == UInt8(ascii: "/") { isParameter = false }
            if !isParameter { result.append(byte) }
            index += length
        }
        return result
    }

    private static func escape(_ path: ArraySlice<UInt8>, at index: Int) -> UInt8? {
        guard index + 2 < path.endIndex else { return nil }
        guard let high = digit(path[index + 1]), let low = digit(path[index + 2]) else {
            return nil
        }
        return high << 4 | low
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
