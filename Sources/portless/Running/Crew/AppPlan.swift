import PortlessCore
import SystemPackage

/// One app of several that are started together.
struct AppPlan: Equatable, Sendable {
    /// What its lines and messages begin with.
    var label: String
    /// Nil for a program that serves nothing, such as a compiler that watches its sources.
    var name: AppName?
    var directory: FilePath
    var command: [String]
    var fixedPort: Port?
    /// The name without the worktree's prefix, in a linked worktree.
    var baseName: AppName?
    /// The labels that the project's configuration wants ports for.
    var ports: [ConfiguredPort] = []
    /// The package's folder, relative to the workspace's root.
    var package = ""
    /// Whether it is told a `PORT` even if it has no name.
    var wantsPort = false
}
