import ArgumentParser

/// A command whose effects go through the context that it is given.
protocol ContextCommand: ParsableCommand {
    mutating func run(_ context: CommandContext) throws
}

/// A command that takes the names of apps and of processes.
///
/// `portless up shop blog` is one, and `portless up node server.js` runs an app called up.
protocol NamesApps: ContextCommand {
    var names: [String] { get }
}
