import PortlessCore

/// The `Host` of a request whose upstream, another proxy, knows the app by a name of its own.
enum UpstreamHost {
    /// The upstream's name, with the labels in front that a wildcard let through.
    static func host(
        replacing authority: Span<UInt8>,
        of name: Hostname,
        by host: Hostname,
    ) -> [UInt8] {
        let own = Array(name.description.utf8)
        let port = Authority.portRange(authority, ByteRange(start: 0, end: authority.count))
        let end = port.isEmpty ? authority.count : port.start - 1
        let start = end - own.count
        guard start > 0, authority[start - 1] == UInt8(ascii: "."),
            own.indices.allSatisfy({ authority[start + $0].lowercased == own[$0] })
        else { return Array(host.description.utf8) }
        return (0..<start).map { authority[$0] } + host.description.utf8
    }
}
