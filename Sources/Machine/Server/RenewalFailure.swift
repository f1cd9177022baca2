package import HostSystem

/// Why a certificate stays that should be renewed.
package enum RenewalFailure: Error, Hashable, CustomStringConvertible {
    /// With the reason as a sentence.
    case tailscale(String)
    case noAuthority
    case authorityEnds(Timestamp)

    package var description: String {
        switch self {
        case .tailscale(let reason): reason
        case .noAuthority:
            "The CA that signed it is gone. `portless server cert` makes another one."
        case .authorityEnds(let end):
            """
            The CA that signs it ends on \(end.day), too. In its last week \
            `portless proxy restart` makes another one.
            """
        }
    }
}
