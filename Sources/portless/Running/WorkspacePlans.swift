import PortlessCore
import Projects
import SystemPackage

/// The apps of a workspace whose root is the working directory.
struct WorkspacePlans {
    let context: CommandContext
    let configuration: ProjectConfiguration

    /// A plan for each package that has the script; none where this is no workspace.
    func plans(script: String, extra: [String]) throws -> [AppPlan] {
        guard let workspace = try Workspace(root: context.workingDirectory) else { return [] }
        if let problem = workspace.problem { throw problem }
        let project = try projectName(workspace)
        let prefix = context.project.worktreePrefix
        var plans: [AppPlan] = []
        for package in workspace.packages {
            let own = try ProjectConfiguration.fromPackage(in: package.folder).app
            // Without `apps` the top level speaks of the project, not of each package in it.
            let shared = configuration.apps.isEmpty ? nil : configuration.app(at: package.path)
            let settings = own.filled(from: shared)
            let chosen = settings.script ?? script
            guard let text = PackageManifest(in: package.folder)?.script(chosen) else { continue }
            let folder = CommandFolder(package.folder)
            let isProxied = settings.isProxied ?? ServerCommand.serves(text, in: folder) ?? true
            let name = WorkspaceNames.app(
                configured: settings.name,
                packageName: package.name,
                path: package.path,
                project: project,
            )
            plans.append(
                AppPlan(
                    label: package.name ?? package.path,
                    name: isProxied ? try AppName(parsing: name).prefixed(by: prefix) : nil,
                    directory: package.folder,
                    command: PackageManager.detect(in: package.folder)
                        .command(script: chosen, extra: extra),
                    fixedPort: settings.appPort,
                    path: settings.path,
                    baseName: prefix == nil ? nil : try AppName(parsing: name),
                    ports: settings.ports,
                    health: settings.health,
                    package: package.path,
                    showsPages: ServerCommand.showsPages(text, in: folder),
                    variables: configuration.app.environment + settings.environment,
                )
            )
        }
        let own = try AppName(parsing: project).prefixed(by: prefix)
        if let main = Self.main(of: plans), !plans.contains(where: { $0.name == own }) {
            plans[main].furtherName = own
        }
        return plans
    }

    /// The app that the project's own name leads to.
    private static func main(of plans: [AppPlan]) -> Int? {
        let named = plans.indices.filter { plans[$0].name != nil && plans[$0].path == nil }
        let candidates = named.map { index in
            let name = String(PackageManifest.unscoped(plans[index].label))
            return MainProcess.Candidate(
                name: name,
                label: name,
                showsPages: plans[index].showsPages,
            )
        }
        return MainProcess.index(among: candidates).map { named[$0] }
    }

    private func projectName(_ workspace: Workspace) throws -> String {
        try WorkspaceNames.project(of: workspace, configured: configuration.app.name)
            ?? NameInference.infer(in: workspace.root).name
    }
}

/// How an app that is run alone finds the others of the workspace that it belongs to.
struct WorkspaceSiblings {
    let context: CommandContext
    /// The app's own name.
    let own: AppName

    /// `PORTLESS_URL_<APP>` for each app of the nearest workspace; none outside of one.
    ///
    /// In a linked worktree the user is told of those that lead to the main checkout, because their
    /// apps don't run here.
    func variables(_ proxy: ProxyDescription) throws -> [String: String] {
        let siblings = try siblings(proxy)
        let variables = SiblingVariables.variables(siblings.map { ($0.label, $0.found.url) })
        let labels = siblings.map(\.label)
        for (label, found) in siblings where found.isOfMainCheckout {
            let name = SiblingVariables.shortName(label, among: labels)
            context.console.say(
                "-- \(name) doesn't run in this worktree: \(own) finds that of the main checkout, "
                    + found.url
            )
        }
        return variables
    }

    private func siblings(
        _ proxy: ProxyDescription
    ) throws -> [(label: String, found: CheckoutURLs.Found)] {
        let folder = context.workingDirectory
        guard let root = Self.root(around: folder) else { return [] }
        var context = context
        context.workingDirectory = root
        // What is wrong with the root's files is told by a run there.
        guard let configuration = try? ProjectConfiguration.load(in: root),
            let plans = try? WorkspacePlans(context: context, configuration: configuration)
                .plans(script: configuration.app.script ?? "dev", extra: [])
        else { return [] }
        let urls = try CheckoutURLs(context, proxy)
        return try plans.compactMap { plan in
            guard let planned = plan.name else { return nil }
            guard plan.directory != folder else {
                return try own.hostnames(under: proxy.tlds).first
                    .map { (plan.label, CheckoutURLs.Found(url: proxy.url(for: $0))) }
            }
            let base = plan.baseName ?? planned
            return (plan.label, try urls.find([base, Self.nameAlone(in: plan.directory) ?? base]))
        }
    }

    /// What the app of a folder is called when it is run there, without a worktree's prefix.
    private static func nameAlone(in folder: FilePath) -> AppName? {
        let configured = try? ProjectConfiguration.load(in: folder).app.name
        let base = configured ?? (try? NameInference.infer(in: folder).name)
        return base.flatMap { try? AppName(parsing: $0) }
    }

    /// What `env` of the workspace around a package's folder says for that package.
    static func variables(around folder: FilePath) throws -> [ConfiguredVariable] {
        guard let root = root(around: folder), root != folder,
            let workspace = try? Workspace(root: root),
            let package = workspace.packages.first(where: { folder.starts(with: $0.folder) })
        else { return [] }
        let configuration = try ProjectConfiguration.load(in: root)
        let shared =
            configuration.apps.isEmpty ? [] : configuration.app(at: package.path).environment
        return configuration.app.environment + shared
    }

    /// Whether a folder lies in a package of a workspace above it.
    static func isPackage(_ folder: FilePath) -> Bool {
        root(around: folder).map { $0 != folder } ?? false
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

/// How the apps of one project find one another: `PORTLESS_URL_<APP>` for each.
enum SiblingVariables {
    static func variables(_ urls: [(label: String, url: String)]) -> [String: String] {
        let labels = urls.map(\.label)
        return Dictionary(
            urls.map { label, url in
                (name(of: shortName(label, among: labels)), url)
            },
            uniquingKeysWith: { first, _ in first },
        )
    }

    /// The variable of an app, by its short name.
    static func name(of app: some StringProtocol) -> String {
        "PORTLESS_URL_" + EnvironmentName.word(app)
    }

    /// `@scope/name` is known to its siblings as `name`, unless two are called so.
    static func shortName(_ label: String, among labels: [String]) -> Substring {
        let name = PackageManifest.unscoped(label)
        let isUnique = labels.count { PackageManifest.unscoped($0) == name } == 1
        return isUnique ? name : label.drop { $0 == "@" }
    }
}
