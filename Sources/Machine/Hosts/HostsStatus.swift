package import PortlessCore

/// How a hosts file's block compares with the names it should have.
package enum HostsStatus: Hashable, Sendable {
    case current
    /// There is no block.
    case absent
    case outdated(missing: [Hostname], stale: [Hostname])
}
