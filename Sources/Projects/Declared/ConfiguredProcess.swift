import PortlessCore
import SystemPackage

/// One entry of `processes` in a project's configuration.
///
/// Without a command it changes a process that another file declares.
package struct ConfiguredProcess: Hashable, Sendable {
    package var name: String
    package var command: [String]?
    package var directory: String?
    package var environment: [String: String] = [:]
    package var isAutomatic: Bool?
    package var restartLimit: Int?
    package var minimumUptime: Duration?
    package var restartDelay: Duration?
    package var backoff: Duration?
    package var killTimeout: Duration?
    package var memoryLimit: Int64?
    package var instances: Int?
    package var dependencies: [String]?
    package var labels: [String]?

    package init(name: String) {
        self.name = name
    }

    /// Whether its command or its name tells that it is to be reached.
    var serves: Bool {
        let text = (command ?? []).joined(separator: " ")
        let value = JavaScriptValue(.string(text), at: SourceLocation(file: "", line: 1))
        return text.contains("$PORT") || text.contains("${PORT")
            || Self.servers.contains(name.lowercased())
            || CommandWords(value).runs(ScannedPackage.pageTools)
    }

    private static let servers: Set = [
        "admin", "api", "app", "backend", "client", "dashboard", "dev", "frontend", "server",
        "site", "ui", "web", "www",
    ]

    func change(_ process: inout DeclaredProcess, root: FilePath) {
        if let command {
            process.command = command
            if case .missingScript = process.obstacle { process.obstacle = nil }
        }
        if let directory {
            process.directory = root.pushing(FilePath(directory)).lexicallyNormalized()
        }
        process.environment.merge(environment) { $1 }
        process.restart.isAutomatic = isAutomatic ?? process.restart.isAutomatic
        process.restart.limit = restartLimit ?? process.restart.limit
        process.restart.minimumUptime = minimumUptime ?? process.restart.minimumUptime
        if let restartDelay {
            process.restart.delay = restartDelay
            process.restart.backoff = nil
        }
        process.restart.backoff = backoff ?? process.restart.backoff
        process.killTimeout = killTimeout ?? process.killTimeout
        process.memoryLimit = memoryLimit ?? process.memoryLimit
        process.instances = instances ?? process.instances
        process.dependencies = dependencies ?? process.dependencies
        process.labels = labels ?? process.labels
    }
}
