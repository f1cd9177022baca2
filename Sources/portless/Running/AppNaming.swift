import PortlessCore
import Projects

/// The name an app runs under, and where it comes from, as the user is told.
struct AppNaming: Equatable {
    let name: AppName
    /// The name without the worktree's prefix; nil in named mode, where the user typed it.
    let base: String?
    let source: NameSource?
    let prefix: String?

    init(exactly text: String) throws(NameError) {
        name = try AppName(parsing: text)
        _ = try name.hostnames(under: [.localhost])
        (base, source, prefix) = (nil, nil, nil)
    }

    init(base text: String, source: NameSource, prefix: String?) throws(NameError) {
        let base = try AppName(parsing: text)
        name = try base.prefixed(by: prefix)
        _ = try name.hostnames(under: [.localhost])
        (self.base, self.source, self.prefix) = (base.description, source, prefix)
    }

    /// What the app's ports are found by.
    func question(_ configured: [ConfiguredPort]) -> AppPorts.Question {
        AppPorts.Question(
            app: name,
            base: prefix == nil ? nil : base.flatMap { try? AppName(parsing: $0) },
            configured: configured,
        )
    }

    var lines: [String] {
        var lines: [String] = []
        if let base, let source { lines.append("-- Name \"\(base)\" (from \(source))") }
        if let prefix { lines.append("-- Prefix \"\(prefix)\" (from git branch)") }
        return lines
    }
}
