package import PortlessCore
package import SystemPackage

/// The configuration of a folder, from `portless.json` or the `portless` key of `package.json`.
package struct ProjectConfiguration: Hashable, Sendable {
    static let file = "portless.json"

    /// The settings of the folder itself; with `apps`, an app has only those of its own entry.
    package var app = AppConfiguration()
    /// The settings of apps, by the path of their folder relative to the configuration's.
    package var apps: [String: AppConfiguration] = [:]
    /// The processes for `portless up`, in the order of the file.
    package var processes: [ConfiguredProcess] = []
    /// Whether Turborepo starts the scripts of a workspace that has a `turbo.json`.
    package var usesTurborepo = true
    /// What it asks of the proxy.
    package var proxy = ConfiguredProxy()
    /// Unknown keys, mostly typing errors, for a warning.
    package var unknownKeys: [String] = []

    package init() {}

    /// The configuration of the folder itself; parents are not searched.
    ///
    /// `portless.json` takes precedence and has to be valid; `package.json` belongs to npm, so
    /// other errors in it aren't reported here.
    package static func load(
        in folder: FilePath
    ) throws(ProjectConfigurationError) -> ProjectConfiguration {
        try ProjectReader.read(folder) { reader throws(ProjectConfigurationError) in
            do throws(SourceError) {
                let manifest = try? PackageManifest.read(in: "", of: reader)
                return try ConfigurationReading(of: reader, manifest)
            } catch {
                throw .json(error, in: folder)
            }
        }
        .checked(in: folder)
    }

    /// The configuration in the `portless` key of the folder's `package.json`.
    package static func fromPackage(
        in folder: FilePath
    ) throws(ProjectConfigurationError) -> ProjectConfiguration {
        try ConfigurationReading(PackageManifest(in: folder)).checked(in: folder)
    }

    /// The settings of the folder at `path`, relative to the configuration's own (empty for
    /// itself).
    ///
    /// With `apps`, those of the entry for the folder or for the nearest one above it.
    package func app(at path: String) -> AppConfiguration {
        guard !apps.isEmpty else { return app }
        var parts = path.split(separator: "/")
        while !parts.isEmpty {
            if let entry = apps[parts.joined(separator: "/")] { return entry }
            parts.removeLast()
        }
        // The original ignores the top level here; it can only be meant for the folder itself.
        return path.isEmpty ? app : AppConfiguration()
    }
}

/// The settings of one app.
package struct AppConfiguration: Hashable, Sendable {
    package var name: String?
    package var script: String?
    package var appPort: Port?
    /// The part of the name's paths that the app has; nil for the whole host.
    package var path: RoutePath?
    /// The labeled ports that the app wants, in the order of the file.
    package var ports: [ConfiguredPort] = []
    /// Whether the app gets a name; nil lets its script decide.
    package var isProxied: Bool?
    /// What the app is told besides, in the order of the file.
    package var environment: [ConfiguredVariable] = []
    /// How the process that has the app's own name is asked whether it is ready.
    package var health: HealthCheck?
    /// Set where the app starts with the first request for one of its names.
    package var onRequest: OnRequest?
    /// The other apps that it depends on.
    package var dependencies: [AppName] = []
    /// The locations of the numbers in `ports`.
    var sources: [PortSource] = []
    /// The location of `appPort`; its label depends on the process.
    var appPortSource: PortSource?

    package init() {}

    /// The labels that have TCP names, in lower case.
    package var tcpLabels: Set<String> {
        Set(ports.filter(\.isTCP).map { $0.label.lowercased() })
    }

    /// These settings, completed by those of `other`.
    package func filled(from other: AppConfiguration?) -> AppConfiguration {
        var result = self
        result.name = name ?? other?.name
        result.script = script ?? other?.script
        result.appPort = appPort ?? other?.appPort
        result.path = path ?? other?.path
        if ports.isEmpty { result.ports = other?.ports ?? [] }
        result.isProxied = isProxied ?? other?.isProxied
        // The later one of two of the same name counts.
        result.environment = (other?.environment ?? []) + environment
        result.health = health ?? other?.health
        result.onRequest = onRequest ?? other?.onRequest
        if dependencies.isEmpty { result.dependencies = other?.dependencies ?? [] }
        return result
    }
}

/// A project's configuration, and the problems in its file.
struct ConfigurationReading {
    /// A value of the wrong type, which is left out of the configuration.
    struct Problem {
        enum Fault {
            /// What the value has to be.
            case isNot(String)
            /// Why it can't be used.
            case reason(String)
        }

        var origin: SourceLocation
        var key: String
        var fault: Fault

        func error(in folder: FilePath, file: String) -> ProjectConfigurationError {
            let path = folder.appending(file)
            return switch fault {
            case .isNot(let expected): .wrongType(path, key: key, expected: expected)
            case .reason(let reason):
                .wrongValue(path, line: origin.line, key: key, reason: reason)
            }
        }

        var sentence: String {
            switch fault {
            case .isNot(let expected): "\"\(key)\" must be \(expected)"
            case .reason(let reason): "\"\(key)\": \(reason)"
            }
        }
    }

    private(set) var configuration: ProjectConfiguration
    private(set) var problems: [Problem]
    private let file: String

    /// The problems of `portless.json`, else of the manifest.
    init(of reader: ProjectReader, _ manifest: PackageManifest?) throws(SourceError) {
        if let object = try reader.json(ProjectConfiguration.file) {
            self.init(object, of: ProjectConfiguration.file)
        } else {
            self.init(manifest)
        }
    }

    init(_ manifest: PackageManifest?) {
        let value = manifest?.portless
        self.init(value?.object ?? ConfigurationObject(), of: PackageManifest.file)
        guard let value, value.object == nil else { return }
        if let name = value.string {
            configuration.app.name = name.trimmingBlanks.isEmpty ? nil : name
        } else {
            problems = [
                Problem(origin: value.origin, key: "portless", fault: .isNot("an object"))
            ]
        }
    }

    private init(_ object: ConfigurationObject, of file: String) {
        var reader = ProjectConfigurationReader(file: file)
        self.file = file
        configuration = reader.configuration(object)
        problems = reader.problems
    }

    /// The configuration, unless there are problems.
    ///
    /// Inlined, because Swift 6.3.1 miscompiles the end of such a function; see
    /// scripts/check-miscompilation.
    @inline(__always)
    func checked(in folder: FilePath) throws(ProjectConfigurationError) -> ProjectConfiguration {
        guard let problem = problems.first else { return configuration }
        throw problem.error(in: folder, file: file)
    }

    /// The configuration for a caller that only inspects: reports each problem.
    var unresolved: [Unresolved] {
        problems.map { problem in
            var result = Unresolved(problem.origin, problem.sentence)
            result.isMalformed = true
            return result
        }
    }
}

/// A problem in a project's configuration file.
package enum ProjectConfigurationError: Error, Hashable, CustomStringConvertible {
    case invalidJSON(FilePath, reason: String)
    case unreadable(FilePath, line: Int, reason: String)
    case inaccessible(FilePath, reason: String)
    case tooManyFolders(FilePath)
    case wrongType(FilePath, key: String, expected: String)
    case wrongValue(FilePath, line: Int, key: String, reason: String)
    case noThread(FilePath)

    /// Why a file of a folder, mostly a JSON file, can't be read.
    static func json(_ error: SourceError, in folder: FilePath) -> ProjectConfigurationError {
        let path = folder.pushing(FilePath(error.file))
        guard error.cause == .content else {
            return .inaccessible(path, reason: error.reason)
        }
        return .invalidJSON(path, reason: "line \(error.line): \(error.reason)")
    }

    package var description: String {
        switch self {
        case .invalidJSON(let path, let reason):
            "\(path) is no valid JSON (\(reason)).\nRepair it, or remove it."
        case .unreadable(let path, let line, let reason):
            "\(path):\(line) can't be read: \(reason).\nRepair it, or remove the file."
        case .inaccessible(let path, let reason):
            "\(path): \(reason).\nRepair it, or remove the file."
        case .tooManyFolders(let root):
            "The workspace patterns of \(root) lead to too many folders.\nMake them narrower."
        case .wrongType(let path, let key, let expected):
            "\"\(key)\" in \(path) must be \(expected).\nCorrect it there, or take it out."
        case .wrongValue(let path, let line, let key, let reason):
            "\(path):\(line): \"\(key)\" can't be used: \(reason).\nCorrect it there, or take it out."
        case .noThread(let folder):
            """
            The system has no thread left to read \(folder) with.
            Try again when fewer programs run.
            """
        }
    }
}
