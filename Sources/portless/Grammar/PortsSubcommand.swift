/// The words that may follow `portless ports`.
enum PortsSubcommand: String, CaseIterable, Sendable {
    case detect, lease, release, explain, kill, find, check
}
