package import HostSystem
package import PortlessCore

/// The system's program that publishes a name in the local network for as long as it runs.
package enum MDNSTool: Sendable {
    /// Avahi's, on Linux.
    case avahi
    /// Apple's.
    case dnsServiceDiscovery

    package static let current: MDNSTool = {
        #if canImport(Darwin)
        .dnsServiceDiscovery
        #else
        .avahi
        #endif
    }()

    package var program: String {
        switch self {
        case .avahi: "avahi-publish-address"
        case .dnsServiceDiscovery: "dns-sd"
        }
    }

    /// How the user gets it.
    package var remedy: String {
        switch self {
        case .avahi:
            "Install it: avahi-utils on Debian and Ubuntu, avahi-tools on Fedora, avahi on Arch."
        case .dnsServiceDiscovery: "It is a part of macOS, in /usr/bin."
        }
    }

    /// As the npm original calls them.
    ///
    /// `port` is the proxy's.
    package func arguments(name: Hostname, address: IPAddress, port: Port) -> [String] {
        switch self {
        // -R: several names may share the address, which has one name in reverse.
        case .avahi: ["-R", name.description, address.description]
        case .dnsServiceDiscovery:
            [
                "-P", name.description, "_http._tcp", "local", port.description,
                name.description, address.description,
            ]
        }
    }

    /// The name that a line of its output says is published; nil for other lines.
    package func established(_ line: String, wanted: Hostname) -> String? {
        switch self {
        case .avahi:
            // Established under name 'myapp.local'
            line.hasPrefix("Established under name '") || line.contains("picking new name '")
                ? line.split(separator: "'").dropFirst().first.map { String($0) } : nil
        case .dnsServiceDiscovery:
            line.contains("Name now registered and active") ? wanted.description : nil
        }
    }
}
