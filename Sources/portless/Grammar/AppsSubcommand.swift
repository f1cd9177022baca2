/// The words that may follow `portless apps`.
enum AppsSubcommand: String, CaseIterable, Sendable {
    case add, show, remove
}
