package import PortlessCore
import SystemPackage

/// One entry of `processes` in a project's configuration.
///
/// An entry without a command changes a process that another file declares.
package struct ConfiguredProcess: Hashable, Sendable {
    package var name: String
    package var command: [String]?
    package var directory: String?
    package var environment: [String: String] = [:]
    /// The same but for `PORT`, and the variables whose values have placeholders.
    package var templates: [ConfiguredVariable] = []
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
    package var health: HealthCheck?
    /// The location of `PORT` in its environment; its label depends on the process.
    var portSource: PortSource?

    package init(name: String) {
        self.name = name
    }

    /// Whether its command or its name shows that it serves.
    func serves(in folder: CommandFolder) -> Bool {
        ServerCommand.serves(commandText, named: name, in: folder) ?? false
    }

    /// The kind of program that it runs.
    var kind: PortLabels.Program {
        CommandWords.kind(of: [
            ConfigurationValue(.string(commandText), at: SourceLocation(file: "", line: 1))
        ])
    }

    private var commandText: String { CommandText.text(of: command ?? []) }

    func change(_ process: inout DeclaredProcess, root: FilePath) {
        if let command {
            process.command = command
            if case .missingScript = process.obstacle { process.obstacle = nil }
        }
        if let directory {
            process.directory = root.pushing(FilePath(directory)).lexicallyNormalized()
        }
        process.environment.merge(environment) { $1 }
        process.templates = templates
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
        process.health = health ?? process.health
    }
}
