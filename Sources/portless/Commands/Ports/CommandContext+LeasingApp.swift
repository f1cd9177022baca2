import PortlessCore

extension CommandContext {
    /// The app whose ports are meant: in a linked worktree `branch.name`, as runs call it.
    func leasingApp(_ text: String, usesWorktree: Bool) throws -> AppName {
        let app = try AppName(parsing: text)
        guard usesWorktree, let prefix = worktreePrefix,
            !app.description.hasPrefix(prefix + ".")
        else { return app }
        return try app.prefixed(by: prefix)
    }
}
