/// Finds the directories of a project that may hold an app of their own.
struct ProjectWalk {
    private static let maximumDepth = 3
    private static let maximumEntries = 20_000
    /// What holds no app of the project, whether git ignores it or not.
    private static let skipped: Set<String> = [
        "node_modules", "bower_components", "vendor", "dist", "build", "out", "target", "coverage",
        "test", "tests", "__tests__", "fixtures", "Fixtures", "Tests", "examples", "example",
        "docs",
        "venv", "__pycache__", "tmp", "logs", "public", "static", "assets", "data",
    ]

    /// The directories below the project's own, parents first, each with the names of its files.
    static func directories(of files: ProjectFiles) -> [(path: String, files: Set<String>)] {
        var ignored = IgnoreRules()
        var found: [(path: String, files: Set<String>)] = []
        var pending: [(path: String, depth: Int)] = [("", 0)]
        var seen = 0
        while let (path, depth) = pending.first, seen < maximumEntries {
            pending.removeFirst()
            guard let entries = try? files.list(path) else { continue }
            seen += entries.count
            let names = Set(entries.lazy.filter { !$0.isDirectory }.map(\.name))
            found.append((path, names))
            guard depth < maximumDepth else { continue }
            if names.contains(".gitignore"),
                let bytes = try? files.read(ProjectPath.join(path, ".gitignore"))
            {
                ignored.add(String(decoding: bytes, as: UTF8.self), in: path)
            }
            let directories = entries.filter { entry in
                entry.isDirectory && !entry.name.hasPrefix(".") && !skipped.contains(entry.name)
                    && !ignored.ignores(directory: ProjectPath.join(path, entry.name))
            }
            for entry in directories.sorted(by: { $0.name < $1.name }) {
                pending.append((ProjectPath.join(path, entry.name), depth + 1))
            }
        }
        return found
    }
}
