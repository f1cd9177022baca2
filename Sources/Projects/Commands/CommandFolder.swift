package import SystemPackage

/// Which package a command line selects, as seen from its folder.
enum PackageSelection: Hashable {
    case folder(String)
    /// By its name or its folder in the workspace.
    case package(String)
    /// The package at the workspace's root.
    case root
    case several
}

/// The packages of a workspace, looked for once they are needed.
final class WorkspaceMembers {
    private let root: FilePath
    private(set) lazy var packages =
        root.isEmpty ? [] : (try? Workspace(root: root))?.packages ?? []

    init(of root: FilePath) {
        self.root = root
    }
}

/// The packages of a project.
struct ProjectPackages {
    let root: FilePath
    let workspace: WorkspaceMembers
    /// What limits the reading, if anything does.
    var budget: ReadingBudget?
    /// The manifest in a folder, which is relative to the project.
    let manifest: (FilePath) -> PackageManifest?

    init(
        root: FilePath,
        workspace: WorkspaceMembers? = nil,
        budget: ReadingBudget? = nil,
        manifest: @escaping (FilePath) -> PackageManifest?,
    ) {
        self.root = root
        self.workspace = workspace ?? WorkspaceMembers(of: root)
        self.budget = budget
        self.manifest = manifest
    }
}

/// The folder that a command runs in: its package's scripts, and the way to other packages.
package struct CommandFolder {
    /// Relative to the project; nil where it is unknown, or outside of the project.
    let path: String?
    private let packages: ProjectPackages

    /// A folder on disk, which is the whole project.
    package init(_ folder: FilePath) {
        self.init("", ProjectPackages(root: folder) { PackageManifest(in: folder.pushing($0)) })
    }

    /// A folder of a project that is being read.
    init(_ path: String?, of reader: ProjectReader) {
        let packages = ProjectPackages(
            root: FilePath(reader.evaluator.root),
            workspace: reader.workspace,
            budget: reader.budget,
        ) { path in
            try? PackageManifest.read(in: path.string, of: reader)
        }
        self.init(path, packages)
    }

    init(_ path: String?, _ packages: ProjectPackages) {
        self.path = path
        self.packages = packages
    }

    /// A folder of which nothing is known.
    package static var unknown: CommandFolder {
        CommandFolder(nil, ProjectPackages(root: "") { _ in nil })
    }

    func script(_ name: String) -> ConfigurationValue? { manifest?.script(name) }

    /// The names of the scripts that match a pattern of `npm-run-all` or `concurrently`: `dev:*`.
    func scripts(matching pattern: String) -> [String] {
        guard pattern.contains("*") else { return [pattern] }
        let parts = pattern.split(separator: ":")
        let names = manifest?.scriptNames ?? []
        guard packages.budget?.spend(names.count) != false else { return [] }
        return names.filter { name in
            let words = name.split(separator: ":")
            let isOpen = pattern.hasSuffix("**") && words.count > parts.count
            return (isOpen || words.count == parts.count)
                && zip(parts, words).allSatisfy { String($1).matches(star: $0) }
        }
    }

    /// Why a script isn't there, although a command line names it and its package.
    func reason(forMissing script: String) -> String? {
        guard let path else { return "it runs in a folder that can't be known here" }
        let place = path.isEmpty ? "the project's folder" : path
        guard let manifest else { return "there is no readable package.json in \(place)" }
        return manifest.script(script) as ConfigurationValue? == nil
            ? "there is no script \"\(script)\" in \(ProjectPath.join(path, PackageManifest.file))"
            : nil
    }

    /// The folder that `cd`, `--prefix` or `--filter` leads to from here.
    func selecting(_ selection: PackageSelection?) -> CommandFolder {
        switch selection {
        case nil: self
        case .folder(let path): moved(to: path)
        case .package(let name): package(named: name)
        case .root: CommandFolder(self.path.map { _ in "" }, packages)
        case .several: CommandFolder(nil, packages)
        }
    }

    private var manifest: PackageManifest? {
        path.flatMap { packages.manifest(FilePath($0)) }
    }

    private func moved(to text: String) -> CommandFolder {
        let root = packages.root.string
        var text = text
        var start = path
        if text.hasPrefix("/") {
            guard !root.isEmpty, text == root || text.hasPrefix(root + "/") else {
                return CommandFolder(nil, packages)
            }
            text.removeFirst(root.count)
            start = path == nil ? nil : ""
            while text.hasPrefix("/") { text.removeFirst() }
        }
        guard let start, !text.contains(where: { "$`~*".contains($0) }) else {
            return CommandFolder(nil, packages)
        }
        return CommandFolder(ProjectPath.resolve(text, from: start), packages)
    }

    /// By the package's name, with or without its scope, or by its folder in the workspace.
    private func package(named text: String) -> CommandFolder {
        // pnpm's `web...`, `{packages/web}` and `./packages/web`.
        let name = text.replacing("...", with: "").filter { !"{}^".contains($0) }
        let all = packages.workspace.packages
        let found =
            all.first { $0.name == name }
            ?? all.first { $0.path == ProjectPath.normalized(name) }
            ?? all.first { $0.name.map(PackageManifest.unscoped) == name[...] }
        return CommandFolder(path == nil ? nil : found?.path, packages)
    }
}
