import PortlessCore
import Projects

/// What the placeholders in `env` of the project's configuration stand for, in one app.
struct PlaceholderValues {
    var app: AppName
    /// Made safe; nil where no branch is checked out.
    var branch: String?
    /// Of two of one label the first one counts.
    var ports: [DetectedProcess.LabeledPort] = []
    /// The URL of an app of the project, or of a label, by its name.
    var url: (String) -> String? = { _ in nil }
    /// The URL of any other app.
    var urlElsewhere: (AppName) throws -> String = { "https://\($0).localhost" }

    /// The variables with their values; of two of one name the later one counts.
    func values(of variables: [ConfiguredVariable]) throws -> [String: String] {
        var values: [String: String] = [:]
        for variable in variables {
            values[variable.name] = try variable.template.filled { placeholder in
                try value(of: placeholder, in: variable)
            }
        }
        return values
    }

    private func value(
        of placeholder: EnvironmentTemplate.Placeholder,
        in variable: ConfiguredVariable,
    ) throws -> String {
        let place = "\(variable.location.file):\(variable.location.line)"
        let question = "\(place): \(variable.name) asks for \(placeholder)"
        switch placeholder {
        case .name: return app.description
        case .branch:
            guard let branch else {
                throw Failure(
                    "\(question), and no branch is checked out here.",
                    remedy: "Check one out, or take the placeholder out.",
                    outcome: .misconfigured,
                )
            }
            return branch
        case .port(let label):
            guard let port = ports.first(where: { $0.label.lowercased() == label.lowercased() })
            else {
                let labels = Set(ports.map(\.label)).sorted().joined(separator: ", ")
                throw Failure(
                    "\(question), and \(app) has no port of that label.",
                    remedy: (labels.isEmpty ? "" : "It has \(labels). ")
                        + "Add it to \"ports\" in portless.json: \"ports\": [\"\(label)\"]",
                    outcome: .misconfigured,
                )
            }
            return port.port.description
        case .url(let name):
            if let url = url(name) { return url }
            return try urlElsewhere(AppName(parsing: name))
        }
    }
}

extension PlaceholderValues {
    /// Those of an app of the project in the context's folder, so far without ports and siblings.
    init(of app: AppName, _ context: CommandContext, _ proxy: ProxyDescription?) throws {
        self.init(app: app)
        branch = Self.branch(context)
        guard let proxy else { return }
        let urls = try CheckoutURLs(context, proxy)
        urlElsewhere = { try urls.find([$0]).url }
    }

    /// The branch, or for a commit in a linked worktree the worktree's folder.
    private static func branch(_ context: CommandContext) -> String? {
        let folder = context.workingDirectory
        let name =
            GitRepository.branch(in: folder, askBranch: context.askBranch)
            ?? GitRepository.checkout(of: folder)?.worktree
        return name.flatMap(BranchLabel.made)
    }
}

/// Where apps are reached from a checkout: in the same worktree where they run there, else in the main
/// checkout.
struct CheckoutURLs {
    struct Found: Equatable {
        var url: String
        var isOfMainCheckout = false
    }

    let proxy: ProxyDescription
    /// What names get in front here; nil in the main checkout.
    let prefix: String?
    /// The names that lead to something now.
    let routed: Set<String>

    /// The first of these names that leads anywhere; without any, the last one as it will be here.
    ///
    /// The names are those without the worktree's prefix.
    func find(_ names: [AppName]) throws -> Found {
        let own = try urls(of: names.map { try $0.prefixed(by: prefix) })
        if let found = own.first(where: \.isRouted) { return Found(url: found.url) }
        if prefix != nil, let found = try urls(of: names).first(where: \.isRouted) {
            return Found(url: found.url, isOfMainCheckout: true)
        }
        return Found(url: own.last?.url ?? "")
    }

    private func urls(of names: [AppName]) throws -> [(url: String, isRouted: Bool)] {
        try names.flatMap { try $0.hostnames(under: proxy.tlds).prefix(1) }
            .map { (proxy.url(for: $0), routed.contains($0.description)) }
    }
}

extension CheckoutURLs {
    init(_ context: CommandContext, _ proxy: ProxyDescription) throws {
        self.init(
            proxy: proxy,
            prefix: context.project.worktreePrefix,
            routed: Set(try context.routes().list().map(\.hostname)),
        )
    }
}
