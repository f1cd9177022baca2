import HostSystem
import PortlessCore
import Projects
import Runner
import SystemPackage

/// A project's folder, and what its own files say.
struct Project: Sendable {
    let folder: FilePath
    static let prefixVariable = "PORTLESS_PREFIX"

    private let context: CommandContext

    init(in folder: FilePath, _ context: CommandContext) {
        self.folder = folder
        self.context = context
    }

    /// The project whose folder the user has named.
    init(at path: String, _ context: CommandContext) throws {
        guard let folder = FileSystem.canonical(context.resolve(path)),
            let status = try FileStatus.of(folder), status.isDirectory
        else {
            throw Failure(
                "\(path) is not a directory.",
                remedy: "Name the folder of a project, such as the current one: .",
            )
        }
        self.init(in: folder, context)
    }

    /// What portless.json and package.json say of the app; the user is warned of unknown keys.
    func configuration() throws -> ProjectConfiguration {
        let configuration = try ProjectConfiguration.load(in: folder)
        for key in configuration.unknownKeys {
            context.console.warn("Unknown key \"\(key)\" in the project's configuration.")
        }
        return configuration
    }

    /// The script to run without a command: the one asked for, else "dev", else "start".
    func script(_ configuration: ProjectConfiguration) -> String {
        if let chosen = context.globals.script ?? configuration.app.script { return chosen }
        let manifest = PackageManifest(in: folder)
        let hasOnlyStart = manifest?.script("dev") == nil && manifest?.script("start") != nil
        return hasOnlyStart ? "start" : "dev"
    }

    /// What the project is called.
    func naming(_ configuration: ProjectConfiguration) throws -> AppNaming {
        if let name = configuration.app.name { return try naming(name, from: .configuration) }
        let inferred = try NameInference.infer(in: folder)
        return try naming(inferred.name, from: inferred.source)
    }

    /// What the project is called where its name is known.
    func naming(_ name: String, from source: NameSource) throws -> AppNaming {
        let isChosen = context.environment[Self.prefixVariable] != nil
        return try AppNaming(
            base: name,
            source: source,
            prefix: worktreePrefix,
            prefixSource: isChosen ? Self.prefixVariable : "git branch",
        )
    }

    /// What all processes of the project are called together.
    ///
    /// The packages of a workspace give it their common name, as where each has a run of its own.
    func commonNaming(_ configuration: ProjectConfiguration) throws -> AppNaming {
        guard configuration.app.name == nil, let workspace = try Workspace(root: folder),
            let name = WorkspaceNames.project(of: workspace, configured: nil)
        else { return try naming(configuration) }
        return try AppNaming(base: name, source: .workspace, prefix: worktreePrefix)
    }

    /// Where programs are searched for: first those of the packages in and above the folder.
    var searchPath: String {
        SearchPath.withLocalPrograms(
            from: folder,
            path: context.environment["PATH"],
            isDirectory: { (try? FileStatus.of($0))?.isDirectory == true },
        )
    }

    /// The environment of commands that run in the folder as if Portless weren't there.
    var environment: [String: String] {
        context.environment.merging(["PATH": searchPath]) { $1 }
    }

    /// What names get in front: the branch in a linked git worktree, or what `--prefix` and
    /// `PORTLESS_PREFIX` say, where nothing means none.
    var worktreePrefix: String? {
        if let chosen = context.environment[Self.prefixVariable] {
            let label = DNSLabel.sanitized(chosen)
            return label.isEmpty ? nil : label
        }
        return GitRepository.worktreePrefix(in: folder, askBranch: context.askBranch)
    }

    /// What the files say about ports; `files` are those of the folder, or changed ones.
    func detected(_ files: ProjectFiles? = nil) -> DetectedProject {
        ProjectDetection.detect(
            directory: folder,
            files: files ?? .directory(folder),
            home: context.environment["HOME"],
        )
    }

    /// The same with the name that the app is registered by: a linked worktree has its own.
    var registrable: DetectedProject {
        var detected = detected()
        if let prefix = worktreePrefix { detected.name = "\(prefix).\(detected.name)" }
        return detected
    }

    /// The app whose ports are meant: in a linked worktree `branch.name`, as runs call it.
    func leasingApp(_ text: String, usesWorktree: Bool) throws -> AppName {
        let app = try AppName(parsing: text)
        guard usesWorktree, let prefix = worktreePrefix,
            !app.description.hasPrefix(prefix + ".")
        else { return app }
        return try app.prefixed(by: prefix)
    }
}

/// The name an app runs under, and where it comes from, as the user is told.
struct AppNaming: Equatable {
    let name: AppName
    /// The name without the worktree's prefix; nil in named mode, where the user typed it.
    let base: String?
    let source: NameSource?
    let prefix: String?
    /// Such as "git branch".
    private let prefixSource: String

    init(exactly text: String) throws(NameError) {
        name = try AppName(parsing: text)
        _ = try name.hostnames(under: [.localhost])
        (base, source, prefix, prefixSource) = (nil, nil, nil, "")
    }

    init(
        base text: String,
        source: NameSource,
        prefix: String?,
        prefixSource: String = "git branch",
    ) throws(NameError) {
        let base = try AppName(parsing: text)
        name = try base.prefixed(by: prefix)
        _ = try name.hostnames(under: [.localhost])
        (self.base, self.source, self.prefix) = (base.description, source, prefix)
        self.prefixSource = prefixSource
    }

    /// The name without the worktree's prefix, in a linked worktree.
    var baseName: AppName? {
        prefix == nil ? nil : base.flatMap { try? AppName(parsing: $0) }
    }

    /// What the app's ports are found by.
    func question(_ configured: [ConfiguredPort]) -> AppPorts.Question {
        AppPorts.Question(app: name, base: baseName, configured: configured)
    }

    var lines: [String] {
        var lines: [String] = []
        if let base, let source { lines.append("-- Name \"\(base)\" (from \(source))") }
        if let prefix { lines.append("-- Prefix \"\(prefix)\" (from \(prefixSource))") }
        return lines
    }
}
