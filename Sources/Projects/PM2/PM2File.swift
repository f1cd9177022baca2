import PortlessCore

/// One of PM2's process files: its processes, and the parts of it that are unknown.
struct PM2File {
    /// The files that PM2 or its users' scripts read, in the order of the search.
    static let names =
        named("ecosystem.config", "js", "cjs", "mjs", "ts", "mts", "cts", "json", "yml", "yaml")
        + named("ecosystem", "json", "yml", "yaml", "js", "cjs", "mjs", "ts")
        + named("pm2.config", "js", "cjs", "mjs", "ts", "json", "yml", "yaml")
        + named("pm2", "json", "yml", "yaml") + named("process", "json", "yml", "yaml")

    private static func named(_ name: String, _ endings: String...) -> [String] {
        endings.map { "\(name).\($0)" }
    }

    /// The names of a directory's PM2 files; files that PM2 reads only by name, such as
    /// `ecosystem.dev.config.cjs`, come last.
    static func found(among files: [String]) -> [String] {
        let known = Set(files)
        let others = files.filter { isVariant($0) && !names.contains($0) }
        let isForProduction = { (name: String) in name.contains("prod") || name.contains("stag") }
        return names.filter(known.contains)
            + others.sorted {
                (isForProduction($0) ? 1 : 0, $0) < (isForProduction($1) ? 1 : 0, $1)
            }
    }

    static func found(in directory: String, of reader: ProjectReader) -> [String] {
        found(among: reader.list(directory).filter { !$0.isDirectory }.map(\.name))
    }

    private static func isVariant(_ name: String) -> Bool {
        guard name.hasPrefix("ecosystem") || name.hasPrefix("pm2") else { return false }
        let words = name.split(separator: ".")
        guard words.count > 2, ["ecosystem", "pm2"].contains(words[0].prefix { $0 != "-" }),
            !words.contains(where: { ["d", "test", "spec", "example", "sample"].contains($0) })
        else { return false }
        let endings = ["js", "cjs", "mjs", "ts", "mts", "cts", "json", "yml", "yaml"]
        return words.last.map { endings.contains(String($0)) } ?? false
    }

    /// Reports that the directory's other PM2 files aren't read, where only PM2's command line
    /// would show which one is meant.
    static func reportOthers(
        _ names: [String],
        than file: String,
        in directory: String,
        to project: inout ProjectDraft,
    ) {
        for name in names where name != ProjectPath.name(of: file) && !Self.names.contains(name) {
            let reason = "\(ProjectPath.name(of: file)) is read instead of this PM2 file"
            let path = ProjectPath.join(directory, name)
            project.report(Unresolved(file: path, line: 1, reason: reason))
        }
    }

    /// The file's path within the project.
    let file: String
    let apps: [PM2App]
    /// Problems in the file's value.
    private(set) var problems: [Unresolved] = []
    /// Why there may be further or other processes, and their possible names.
    private(set) var gaps: [(problem: Unresolved, what: String)] = []
    /// The `PM2_HOME` that the file sets, if any.
    private(set) var home: String?

    init(_ file: String, of reader: ProjectReader) throws(SourceError) {
        self.file = file
        let value: ConfigurationValue
        if file.hasSuffix(".yml") || file.hasSuffix(".yaml") {
            let empty = ConfigurationValue(.null, at: SourceLocation(file: file, line: 1))
            value = try reader.yaml(file) ?? empty
        } else {
            let module = try reader.evaluator.module(file)
            problems = module.problems
            home = module.scope.value(of: "PM2_HOME")?.string
            value = module.exports.object?["default"] ?? module.exports
        }
        (apps, gaps) = Self.apps(of: value, in: file)
    }

    /// `{ apps: […] }`, a bare list, or a single process, all of which PM2 accepts.
    private static func apps(
        of value: ConfigurationValue,
        in file: String,
    ) -> (apps: [PM2App], gaps: [(problem: Unresolved, what: String)]) {
        if let problem = value.problem { return ([], [(problem, file)]) }
        let list = value.object?["apps"] ?? value
        if let problem = list.problem { return ([], [(problem, "\"apps\"")]) }
        var apps: [PM2App] = []
        var gaps: [(problem: Unresolved, what: String)] = []
        for entry in list.array ?? [list] {
            guard let object = entry.object else {
                let isNothing = entry.isNull || entry.isUndefined || entry.boolean == false
                let wrong = Unresolved(entry.origin, "a process has to be an object")
                if let problem = entry.problem ?? (isNothing ? nil : wrong) {
                    gaps.append((problem, "A process"))
                }
                continue
            }
            let isWhole = value.object != nil && value.object?["apps"] == nil
            // An object without "apps" may still get it from an unknown value.
            guard !isWhole || object["script"] != nil || object["name"] != nil else {
                gaps += object.gaps.map { ($0, file) }
                continue
            }
            apps.append(PM2App(object, at: entry.origin))
        }
        return (apps, gaps)
    }
}
