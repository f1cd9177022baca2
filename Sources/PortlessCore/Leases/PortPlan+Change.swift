extension PortPlan.Change {
    /// What became of an app's block, for people; nil where it is as it was.
    package func sentence(_ lease: PortLease) -> String? {
        guard let range = lease.range else { return nil }
        return switch self {
        case .unchanged: nil
        case .created: "Leased \(range.text) for \(lease.app)."
        case .grown: "The block of \(lease.app) has grown: \(range.text)."
        case .moved(let old):
            "The block of \(lease.app) has moved from \(old.text) to \(range.text)."
        case .described: "Noted what the ports of \(lease.app) are for."
        }
    }
}
