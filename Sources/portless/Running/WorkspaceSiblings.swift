import PortlessCore
import Projects
import SystemPackage

/// How an app that is run alone finds the others of the workspace that it belongs to.
struct WorkspaceSiblings {
    let context: CommandContext
    /// The app's own name.
    let own: AppName

    /// `PORTLESS_URL_<APP>` for each app of the nearest workspace; none outside of one.
    func variables(_ proxy: ProxyDescription) throws -> [String: String] {
        let folder = context.workingDirectory
        guard let root = Self.root(around: folder) else { return [:] }
        var context = context
        context.workingDirectory = root
        // What is wrong with the root's files is told by a run there.
        guard let configuration = try? ProjectConfiguration.load(in: root),
            let plans = try? WorkspacePlans(context: context, configuration: configuration)
                .plans(script: configuration.app.script ?? "dev", extra: [])
        else { return [:] }
        let routed = Set(try context.routes().list().map(\.hostname))
        let prefix = context.worktreePrefix
        return SiblingVariables.variables(
            try plans.compactMap { plan in
                guard let crewName = plan.name else { return nil }
                let isOwn = plan.directory == folder
                let alone = isOwn ? own : Self.nameAlone(in: plan.directory, prefix: prefix)
                let names = try [isOwn ? own : crewName, alone ?? crewName].compactMap {
                    try $0.hostnames(under: proxy.tlds).first
                }
                return (names.first { routed.contains($0.description) } ?? names.last)
                    .map { (plan.label, proxy.url(for: $0)) }
            }
        )
    }

    /// What the app of a folder is called when it is run there.
    private static func nameAlone(in folder: FilePath, prefix: String?) -> AppName? {
        let configured = try? ProjectConfiguration.load(in: folder).app.name
        guard let base = configured ?? (try? NameInference.infer(in: folder).name) else {
            return nil
        }
        return try? AppName(parsing: base).prefixed(by: prefix)
    }

    /// The root of the workspace of which the folder is the root, or lies in a package.
    private static func root(around folder: FilePath) -> FilePath? {
        let repository = GitRepository.root(above: folder)
        for ancestor in folder.selfAndAncestors {
            if let workspace = try? Workspace(root: ancestor),
                ancestor == folder
                    || workspace.packages.contains(where: { folder.starts(with: $0.folder) })
            {
                return ancestor
            }
            if ancestor == repository { break }
        }
        return nil
    }
}
