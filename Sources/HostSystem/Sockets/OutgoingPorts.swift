import CLibrary
import SystemPackage

/// The ephemeral range: ports that the system gives to outgoing connections and for port 0.
package enum OutgoingPorts {
    /// Nil where the system doesn't tell.
    package static var range: ClosedRange<UInt16>? {
        #if canImport(Darwin)
        guard let first = setting("net.inet.ip.portrange.first"),
            let last = setting("net.inet.ip.portrange.last")
        else { return nil }
        return first <= last ? first...last : last...first
        #else
        let path = FilePath("/proc/sys/net/ipv4/ip_local_port_range")
        guard let bytes = try? AtomicFile.read(path) else { return nil }
        return parse(String(decoding: bytes, as: UTF8.self))
        #endif
    }

    /// Two numbers, as Linux has them (ip(7), `ip_local_port_range`).
    static func parse(_ text: String) -> ClosedRange<UInt16>? {
        let ends = text.split(whereSeparator: \.isWhitespace).map { UInt16($0) }
        guard ends.count == 2, let first = ends[0], let last = ends[1], first <= last else {
            return nil
        }
        return first...last
    }

    #if canImport(Darwin)
    private static func setting(_ name: String) -> UInt16? {
        var value: Int32 = 0
        var size = MemoryLayout<Int32>.size
        guard sysctlbyname(name, &value, &size, nil, 0) == 0 else { return nil }
        return UInt16(exactly: value)
    }
    #endif
}
