import HostSystem

/// Judges what the system's resolver makes of a name.
enum Resolution {
    /// What is wrong; nil where the name leads to this machine for both families.
    static func finding(for name: String, addresses: [IPAddress]) -> Finding? {
        guard !addresses.isEmpty else {
            return .warn(
                "The system's resolver doesn't know \(name); browsers and curl do.",
                hint: "For other programs: portless hosts sync",
            )
        }
        if let foreign = addresses.first(where: { !$0.isLoopback }) {
            return .warn(
                "\(name) resolves to \(foreign): a VPN or a DNS server overrides it.",
                hint: "portless hosts sync",
            )
        }
        let families = Set(addresses.map(\.isIPv6))
        guard families.count == 1 else { return nil }
        let (has, lacks) = families == [true] ? ("IPv6", "IPv4") : ("IPv4", "IPv6")
        return .info(
            "\(name) resolves for \(has) only; a program that asks for \(lacks) may wait.",
            hint: "For both: portless hosts sync",
        )
    }
}
