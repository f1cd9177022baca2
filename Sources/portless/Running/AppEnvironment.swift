import HostSystem
import Machine
import PortlessCore
import Projects
import Runner
import SystemPackage

/// Makes the environments of a plan's processes.
struct AppEnvironment {
    /// What the command itself was given.
    let inherited: [String: String]
    /// What makes runtimes trust the names of the apps, in place of what is inherited.
    let trust: [String: String]
    let topLevelDomains: [String]
    /// Whether the proxy serves the local network.
    var isLAN = false
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
        /// Whether the process isn't told where to listen.
        var choosesHost = false
    }

    /// Whether a command isn't told where to listen.
    func leavesHost(to command: [String]) -> Bool {
        isLAN && FlagInjection.leavesHost(to: command)
    }

    /// What the command was given, with what makes runtimes trust the names of apps.
    var trusting: [String: String] { inherited.merging(trust) { $1 } }

    func applied(_ variables: Variables, in directory: FilePath) -> [String: String] {
        var inherited = inherited.merging(variables.labeled) { $1 }
        inherited["PATH"] = searchPath(directory)
        guard let port = variables.port, let url = variables.url else {
            if let port = variables.port { inherited["PORT"] = port.description }
            return inherited.merging(variables.defaults) { users, _ in users }
        }
        var environment = ChildEnvironment(port: port, url: url, topLevelDomains: topLevelDomains)
        environment.defaults = variables.defaults
        environment.isLAN = isLAN
        if variables.choosesHost { environment.host = nil }
        return environment.applied(to: inherited.merging(trust) { $1 })
    }
}

extension AppEnvironment {
    /// That of apps that a proxy serves, or of processes that need none.
    init(_ context: CommandContext, proxy: ProxyDescription?) throws {
        inherited = context.environment
        trust = try proxy.map { try Self.trust(context, $0) } ?? [:]
        topLevelDomains = proxy?.tlds.map(\.description) ?? []
        isLAN = proxy?.isLAN ?? false
        searchPath = { Project(in: $0, context).searchPath }
    }

    private static func trust(
        _ context: CommandContext,
        _ proxy: ProxyDescription,
    ) throws -> [String: String] {
        guard proxy.usesTLS, !proxy.usesCustomCertificate,
            context.environment["PORTLESS_KEEP_CA_VARIABLES"] != "1"
        else { return [:] }
        let ca = proxy.stateDirectory[.caCertificate]
        guard try FileStatus.of(ca) != nil else {
            let remedy =
                proxy.isRunning
                ? "`portless proxy stop` and the next start make a new one."
                : "The first start of an app makes it, and so does `portless proxy start`."
            context.console.warn(
                "\(ca) isn't there, so apps don't trust each other's names. \(remedy)"
            )
            return [:]
        }
        var bundles = TrustBundles(context, proxy.stateDirectory)
        return RuntimeVariables.values(
            ca: ca,
            bundle: bundles.plain,
            environment: bundles.withoutOurs(context.environment),
            including: { bundles.including($0) },
        )
    }
}

/// The bundles of certificates that an app's runtimes are given.
private struct TrustBundles {
    let context: CommandContext
    let directory: StateDirectory
    private let roots = SystemRoots.find()
    /// The bundle with the system's roots and ours.
    let plain: FilePath?
    /// By what the user has set; nil for a file that can't be used, of which the user was told.
    private var known: [String: FilePath?] = [:]

    init(_ context: CommandContext, _ directory: StateDirectory) {
        self.context = context
        self.directory = directory
        do {
            plain = try roots.map {
                try CABundle(directory: directory, systemRoots: $0).refresh()
            }
        } catch {
            context.console.warn(
                "The app gets no certificates of the system: \(directory[.caBundle]): \(error)."
            )
            plain = nil
        }
    }

    /// Below a run of ours the variables are set already: those are not the user's.
    func withoutOurs(_ environment: [String: String]) -> [String: String] {
        let ours = [directory[.caCertificate], directory[.caBundle]].map(\.string)
        return environment.filter { !ours.contains($0.value) }
    }

    mutating func including(_ users: String) -> FilePath? {
        if let known = known[users] { return known }
        let file = context.workingDirectory.pushing(FilePath(users))
        // The one of a run that this one is below.
        guard !file.starts(with: directory[.caBundles]) else { return file }
        let bundle: FilePath?
        do {
            bundle =
                file == roots
                ? plain
                : try CABundle(directory: directory, systemRoots: roots, usersFile: file).refresh()
        } catch {
            context.console.warn(
                """
                The environment names \(file) for certificates, which can't be added to ours, so \
                that variable stays as it is: \(error)
                """
            )
            bundle = nil
        }
        known[users] = .some(bundle)
        return bundle
    }
}

extension CommandContext {
    /// Says what only the user can do so that an app's framework takes its name.
    func adviseOnHost(_ host: Hostname?, in folder: FilePath) {
        guard let host else { return }
        let files = ProjectFiles.directory(folder)
        for sentence in HostChecks.advice(for: host, files: files, environment: environment) {
            console.warn(sentence)
        }
    }
}
