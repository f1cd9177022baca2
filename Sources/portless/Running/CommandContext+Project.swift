import PortlessCore
import Projects

extension CommandContext {
    /// The configuration of the working directory; what nobody knows in it is warned of.
    func projectConfiguration() throws -> ProjectConfiguration {
        let configuration = try ProjectConfiguration.load(in: workingDirectory)
        for key in configuration.unknownKeys {
            console.warn("Unknown key \"\(key)\" in the project's configuration.")
        }
        return configuration
    }
}
