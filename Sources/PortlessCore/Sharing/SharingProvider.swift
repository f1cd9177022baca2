/// From where an app can be reached, in the order of danger.
package enum Reach: String, CaseIterable, Comparable, Sendable {
    /// From this machine only.
    case loopback
    /// From the computers on the same network.
    case lan
    /// From the user's own devices on a tailnet.
    case tailnet
    /// From everywhere.
    case `public`

    package static func < (lhs: Reach, rhs: Reach) -> Bool { lhs.rank < rhs.rank }

    /// As in "shop.localhost is …".
    package var words: String {
        switch self {
        case .loopback: "reached from this machine only"
        case .lan: "reached from the network"
        case .tailnet: "shared on the tailnet"
        case .public: "public"
        }
    }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// A service that gives an app an address beyond this machine.
package enum SharingProvider: String, CaseIterable, Sendable {
    case tailscale
    case funnel
    case ngrok
    case cloudflare

    /// The program that does it.
    package var program: String {
        switch self {
        case .tailscale, .funnel: "tailscale"
        case .ngrok: "ngrok"
        case .cloudflare: "cloudflared"
        }
    }

    /// How a run announces the address, and messages name the service.
    package var title: String {
        switch self {
        case .tailscale: "Tailscale"
        case .funnel: "Funnel"
        case .ngrok: "ngrok"
        case .cloudflare: "Cloudflare"
        }
    }

    package var reach: Reach { self == .tailscale ? .tailnet : .public }
    package var flag: String { "--\(rawValue)" }

    /// The variable that asks for it, as the flag does.
    package var requestVariable: String { "PORTLESS_\(rawValue.uppercased())" }

    /// The variable by which the app learns the address.
    package var addressVariable: String {
        self == .funnel
            ? SharingProvider.tailscale.addressVariable : "\(requestVariable)_URL"
    }

    /// Whether both take the same place in a route: Tailscale's two kinds do.
    package func excludes(_ other: SharingProvider) -> Bool {
        program == other.program
    }
}
