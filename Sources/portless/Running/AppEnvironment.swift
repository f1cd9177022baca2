import HostSystem
import Machine
import PortlessCore
import Runner
import SystemPackage

/// Makes the environments of a plan's processes.
struct AppEnvironment {
    /// What the command itself was given.
    let inherited: [String: String]
    /// What makes runtimes trust the names of the apps.
    let trust: [String: String]
    let topLevelDomains: [String]
    /// The `PATH` of a process in a folder.
    let searchPath: (FilePath) -> String

    /// Variables of one process.
    struct Variables {
        /// Nil for a process that isn't told any.
        var port: Port?
        /// Nil for a process without a name.
        var url: String?
        /// The ports by their labels; they count more than what the user has set.
        var labeled: [String: String] = [:]
        /// What yields to what the user has set, such as how to find the other apps.
        var defaults: [String: String] = [:]
    }

    func applied(_ variables: Variables, in directory: FilePath) -> [String: String] {
        var inherited = inherited.merging(variables.labeled) { $1 }
        inherited["PATH"] = searchPath(directory)
        guard let port = variables.port, let url = variables.url else {
            if let port = variables.port { inherited["PORT"] = port.description }
            return inherited.merging(variables.defaults) { users, _ in users }
        }
        var environment = ChildEnvironment(port: port, url: url, topLevelDomains: topLevelDomains)
        environment.defaults = variables.defaults.merging(trust) { $1 }
        return environment.applied(to: inherited)
    }
}

extension AppEnvironment {
    /// That of apps that a proxy serves, or of processes that need none.
    init(_ context: CommandContext, proxy: ProxyDescription?) throws {
        inherited = context.environment
        trust = try proxy.map { try Self.trust(context, $0) } ?? [:]
        topLevelDomains = proxy?.tlds.map(\.description) ?? []
        searchPath = { Project(in: $0, context).searchPath }
    }

    private static func trust(
        _ context: CommandContext,
        _ proxy: ProxyDescription,
    ) throws -> [String: String] {
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
