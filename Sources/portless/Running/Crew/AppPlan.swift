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
}
