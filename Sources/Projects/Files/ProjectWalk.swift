import PortlessCore

/// Finds the directories of a project that may hold an app of their own.
struct ProjectWalk {
    private static let maximumDepth = 3
    static let maximumEntries = 20_000
    /// Folders without apps of the project, whether git ignores them or not.
    private static let skipped: Set<String> = [
        "node_modules", "bower_components", "vendor", "dist", "build", "out", "target", "coverage",
        "test", "tests", "__tests__", "fixtures", "Fixtures", "Tests", "examples", "example",
        "docs",
        "venv", "__pycache__", "tmp", "logs", "public", "static", "assets", "data",
    ]

    /// The directories below the project's own, parents first, each with the names of its files.
    static func directories(
        of reader: ProjectReader,
        reportingTo project: inout ProjectDraft,
    ) -> [(path: String, files: Set<String>)] {
        var ignored = IgnoreRules()
        // What the workspace's own globs name is of the project, whatever it is called.
        var members: Set<String> = []
        for package in reader.workspace.packages {
            var path = package.path
            while !path.isEmpty, members.insert(path).inserted {
                path = ProjectPath.directory(of: path)
            }
        }
        var found: [(path: String, files: Set<String>)] = []
        var pending: [(path: String, depth: Int)] = [("", 0)]
        var seen = 0
        var next = 0
        while next < pending.count, seen < maximumEntries {
            let (path, depth) = pending[next]
            next += 1
            let entries = reader.list(path)
            seen += entries.count + 1
            let names = Set(entries.lazy.filter { !$0.isDirectory }.map(\.name))
            found.append((path, names))
            guard depth < maximumDepth || members.contains(path) else { continue }
            let rules = ProjectPath.join(path, ".gitignore")
            if names.contains(".gitignore"),
                let source = reader.source(rules, reportingTo: &project)
            {
                do {
                    try ignored.add(source, in: path)
                } catch {
                    project.report(Unresolved(error))
                }
            }
            let budget = reader.evaluator.budget
            budget.startFile()
            let directories = entries.filter { entry in
                let directory = ProjectPath.join(path, entry.name)
                guard entry.isDirectory, !members.contains(directory) else {
                    return entry.isDirectory
                }
                return depth < maximumDepth && !entry.name.hasPrefix(".")
                    && !skipped.contains(entry.name)
                    && !ignored.ignores(directory: directory, budget: budget)
            }
            if budget.isFileSpent {
                project.report(Unresolved(file: rules, line: 1, reason: OverBudget.work))
            }
            for entry in directories.sorted(by: { $0.name < $1.name }) {
                pending.append((ProjectPath.join(path, entry.name), depth + 1))
            }
        }
        return found
    }
}
