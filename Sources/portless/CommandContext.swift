import SystemPackage

/// Everything a command knows of the world outside its arguments.
struct CommandContext: Sendable {
    var console: Console
    var environment: [String: String]
    var workingDirectory: FilePath
    /// This program's own file, for the processes that it starts in another role.
    var executable: FilePath
    var globals = GlobalOptions()
}
