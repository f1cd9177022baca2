import ArgumentParser
import Projects

/// The commands about settings.
struct ConfigCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Show the settings and where each comes from, or the schema of portless.json.",
        subcommands: [ConfigShowCommand.self, ConfigSchemaCommand.self],
    )
}

/// `portless config schema`.
struct ConfigSchemaCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of portless.json, for editors and checks.",
    )

    func run(_ context: CommandContext) throws {
        context.console.print(ConfigurationSchema.text)
    }
}
