import HostSystem
package import PortlessCore
package import SystemPackage

/// Infers a name for the project in a folder.
package enum NameInference {
    package struct Result: Hashable, Sendable {
        package let name: String
        package let source: NameSource
    }

    /// The name of the nearest package, else of the repository's folder, else of the folder itself.
    ///
    /// The search for a package ends at the repository's root: a `package.json` above it, in the
    /// home directory for instance, belongs to something else.
    package static func infer(in folder: FilePath) throws(NameError) -> Result {
        let root = GitRepository.root(above: folder)
        for directory in folder.selfAndAncestors {
            if let name = packageName(in: directory) {
                return Result(name: name, source: .packageJSON)
            }
            if directory == root { break }
        }
        if let root, let name = name(ofFolder: root) {
            return Result(name: name, source: .gitRoot)
        }
        guard let name = name(ofFolder: folder) else {
            throw .nothingToInferFrom(folder: folder.string)
        }
        return Result(name: name, source: .folder)
    }

    private static func packageName(in directory: FilePath) -> String? {
        guard let manifest = PackageManifest(in: directory), let name = manifest.name else {
            return nil
        }
        return nonEmpty(DNSLabel.sanitized(PackageManifest.unscoped(name)))
    }

    private static func name(ofFolder folder: FilePath) -> String? {
        nonEmpty(DNSLabel.sanitized(folder.lastComponent?.string ?? ""))
    }

    private static func nonEmpty(_ text: String) -> String? { text.isEmpty ? nil : text }
}

/// The source of an app's name, for messages.
package enum NameSource: String, Hashable, Sendable, CustomStringConvertible {
    case flag = "--name flag"
    case configuration = "portless.json"
    case packageJSON = "package.json"
    case workspace = "the workspace's packages"
    case gitRoot = "git root"
    case folder = "directory name"

    package var description: String { rawValue }
}

/// The names of a workspace's apps.
package enum WorkspaceNames {
    /// The common name of a workspace's apps: the configured name, else the npm scope that most
    /// packages have, the first one among equals; nil leaves it to the folder.
    package static func project(configured: String?, packageNames: [String]) -> String? {
        if let configured { return DNSLabel.truncatingEach(configured) }
        let scopes = packageNames.compactMap { PackageManifest.scope(of: $0).map(String.init) }
        var counts: [String: Int] = [:]
        for scope in scopes { counts[scope, default: 0] += 1 }
        let most = counts.values.max()
        let scope = scopes.first { counts[$0] == most }
        return scope.map { DNSLabel.sanitized($0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    package static func project(of workspace: Workspace, configured: String?) -> String? {
        project(
            configured: configured,
            packageNames: workspace.packages.compactMap(\.name),
        )
    }

    /// The name of one app: `label.project`, or the project's for the app with the same name.
    package static func app(
        configured: String?,
        packageName: String?,
        path: String,
        project: String,
    ) -> String {
        if let configured { return DNSLabel.truncatingEach(configured) }
        let own = packageName.map { DNSLabel.sanitized(PackageManifest.unscoped($0)) } ?? ""
        let label = own.isEmpty ? DNSLabel.sanitized(path) : own
        return label == project || label.isEmpty ? project : "\(label).\(project)"
    }
}

/// Chooses the process that gets the project's bare name: the one that people open in a browser.
package enum MainProcess {
    package struct Candidate: Hashable, Sendable {
        package var name: String
        /// The label of its first port; its own name, where it has no other.
        package var label: String
        /// Whether it serves pages, like Vite or Next.
        package var showsPages: Bool

        package init(name: String, label: String, showsPages: Bool = false) {
            self.name = name
            self.label = label
            self.showsPages = showsPages
        }

        /// The lower, the likelier it is the main one.
        fileprivate var rank: Int {
            if name == "web" { return 0 }
            let role = PortLabels.main(
                ofProcess: name,
                running: showsPages ? .pages : .other,
                otherwise: "",
            )
            let last = name.lowercased().split { !$0.isLetter }.last.map { String($0) } ?? ""
            if label.lowercased() == "ui" || role == "ui" {
                return MainProcess.aside.contains(last) ? 2 : 1
            }
            return label.lowercased() == "api" || role == "api" ? 3 : 4
        }
    }

    /// The first one with the lowest rank; nil for an empty list.
    package static func index(among candidates: [Candidate]) -> Int? {
        candidates.indices.min { (candidates[$0].rank, $0) < (candidates[$1].rank, $1) }
    }

    /// Names of pages beside the main ones.
    private static let aside: Set<String> = ["admin", "dashboard", "docs", "storybook"]
}
