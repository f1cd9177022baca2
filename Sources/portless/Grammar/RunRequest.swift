import PortlessCore

/// An app to be run behind a name.
struct RunRequest: Equatable, Sendable {
    enum Naming: Equatable, Sendable {
        /// Named mode: this name as it stands, in a worktree too.
        case exactly(String)
        /// Run mode: the project's name, or this one, behind the worktree's prefix.
        case project(override: String?)
    }

    var naming: Naming
    var force = false
    /// What `--app-port` asks for.
    var appPort: Port?
    /// The program and its arguments, untouched; empty in run mode means the project's script.
    var command: [String] = []
}
