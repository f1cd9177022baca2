import PortlessCore

/// One line of a Procfile: a program by name, as foreman and Heroku run them.
package struct ProcfileEntry: Hashable, Sendable {
    package let name: String
    /// For a shell to read.
    package let command: String
    package let line: Int

    package init(name: String, command: String, line: Int) {
        self.name = name
        self.command = command
        self.line = line
    }

    /// Whether the program asks for a port, and so has something to be reached.
    package var mentionsPort: Bool {
        command.contains("$PORT") || command.contains("${PORT")
    }

    /// Whether the name is one that programs have which serve nothing.
    package var isNamedLikeHelper: Bool {
        let words = name.lowercased().split { "_-".contains($0) || $0.isNumber }
        return words.contains { ["worker", "workers"].contains($0) }
            || words.last.map { Self.helpers.contains(String($0)) } ?? false
    }

    private static let helpers: Set = [
        "release", "postdeploy", "migrate", "job", "jobs", "clock", "cron", "scheduler", "queue",
        "sidekiq", "resque", "celery", "beat", "css", "js", "assets", "tailwind", "types", "watch",
        "watcher", "build", "test", "tests", "guard", "console",
    ]
}
