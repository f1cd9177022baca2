package import HostSystem

/// The choice of the address under which other computers of the local network reach this one.
package enum LANAddress {
    /// A public address, as the npm original uses; nothing is sent to it.
    private static let outside = IPAddress("1.1.1.1")

    /// The address as it is now; nil while this machine is in no network, or in several of which none
    /// leads to the internet.
    package static func current() -> IPAddress? {
        choose(
            outgoing: outside.flatMap(OutgoingAddress.toward),
            among: NetworkInterface.all(),
        )
    }

    /// The address that leads to the internet, if that interface is one of a local network; else the
    /// only one that is.
    static func choose(
        outgoing: IPAddress?,
        among interfaces: [NetworkInterface],
    ) -> IPAddress? {
        let usable = interfaces.filter(isUsable)
        if let outgoing, usable.contains(where: { $0.address == outgoing }) { return outgoing }
        // Without the internet, or through a VPN.
        let local = usable.filter { $0.address.isLocal && !isForGuests($0) }
        guard Set(local.map(\.name)).count == 1 else { return nil }
        return local.first?.address
    }

    private static func isUsable(_ interface: NetworkInterface) -> Bool {
        guard interface.isUp, !interface.isLoopback, !interface.address.isIPv6,
            !interface.address.isLoopback, !interface.address.isAny
        else { return false }
        // Tunnels have no hardware address; Hyper-V's switch has one of Microsoft's.
        let hardware = interface.hardwareAddress
        guard hardware.contains(where: { $0 != 0 }), !hardware.starts(with: [0x00, 0x15, 0x5D])
        else { return false }
        return !interface.name.contains("vEthernet") && !isBridge(interface.name)
    }

    /// macOS's `bridge100` and its like, for virtual machines.
    private static func isBridge(_ name: String) -> Bool {
        name.hasPrefix("bridge") && name.dropFirst("bridge".count).allSatisfy(\.isNumber)
            && name != "bridge"
    }

    /// Whether it joins this machine's own containers and virtual machines, to go by its name.
    private static func isForGuests(_ interface: NetworkInterface) -> Bool {
        let prefixes = [
            "docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "lxc", "lxd", "podman", "cni",
            "flannel", "cali", "tap", "tun", "utun", "awdl", "llw", "zt", "tailscale", "wg",
        ]
        return prefixes.contains(where: interface.name.hasPrefix)
    }
}

extension Hostname {
    /// Whether multicast DNS publishes it while the proxy serves the local network.
    package var isInLocalNetwork: Bool { description.hasSuffix(".\(TLD.local)") }
}

extension RouteEntry {
    /// Whether other computers get it in LAN mode: databases often have no password.
    package var isForLocalNetwork: Bool {
        upstreamProtocol != .tcp && Hostname(hostname)?.isInLocalNetwork == true
    }
}

extension IPAddress {
    /// Whether only computers of a local network have such an address (RFC 1918, 3927, 4193).
    package var isLocal: Bool {
        let bytes = unmapped.bytes
        guard bytes.count == 4 else {
            return bytes[0] & 0xFE == 0xFC || bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80
        }
        switch (bytes[0], bytes[1]) {
        case (10, _), (172, 16...31), (192, 168), (169, 254): return true
        default: return false
        }
    }
}
