import HostSystem
import Machine
import PortlessCore
import Runner
import SystemPackage

/// Makes the environments of apps that run behind names.
struct AppEnvironment {
    let context: CommandContext
    let proxy: ProxyDescription

    /// The environment of an app in `directory`; `additions` yield to what the user has set,
    /// `labeled`, the ports by their labels, do not.
    func variables(
        port: Port,
        url: String,
        directory: FilePath,
        labeled: [String: String] = [:],
        additions: [String: String] = [:],
    ) throws -> [String: String] {
        var environment = ChildEnvironment(
            port: port,
            url: url,
            topLevelDomains: proxy.tlds.map(\.description),
        )
        environment.defaults = additions.merging(try trustVariables()) { $1 }
        let inherited = context.environmentWithLocalPrograms(in: directory)
        return environment.applied(to: inherited.merging(labeled) { $1 })
    }

    /// What makes the app's runtime trust the names of its siblings.
    private func trustVariables() throws -> [String: String] {
        guard proxy.usesTLS, !proxy.usesCustomCertificate else { return [:] }
        let bundle = try SystemRoots.find().map { roots in
            try CABundle(directory: proxy.stateDirectory, systemRoots: roots).refresh()
        }
        return RuntimeVariables.additions(
            ca: proxy.stateDirectory.caCertificate,
            bundle: bundle,
            environment: context.environment,
        )
    }
}
