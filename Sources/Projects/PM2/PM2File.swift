import PortlessCore

/// One of PM2's process files: the processes in it, and what can't be known of them.
struct PM2File {
    /// The files that PM2 reads, in the order in which they are looked for.
    static let names = [
        "ecosystem.config.js", "ecosystem.config.cjs", "ecosystem.config.mjs",
        "ecosystem.config.json", "ecosystem.config.yml", "ecosystem.config.yaml",
        "ecosystem.json", "ecosystem.yml", "pm2.config.js", "pm2.config.cjs", "pm2.config.json",
        "process.json", "process.yml", "process.yaml",
    ]

    /// The file's path within the project.
    let file: String
    let apps: [PM2App]
    /// What keeps the reader from knowing the file's value.
    private(set) var problems: [Unresolved] = []
    /// Why there may be other processes, or others than these, and what they are called.
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

    /// `{ apps: […] }`, a bare list, or a single process, all of which PM2 takes.
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
            if let problem = entry.problem { gaps.append((problem, "A process")) }
            guard let object = entry.object else { continue }
            let isWhole = value.object != nil && value.object?["apps"] == nil
            // An object that is neither may still be given "apps" by what isn't known.
            guard !isWhole || object["script"] != nil || object["name"] != nil else {
                gaps += object.gaps.map { ($0, file) }
                continue
            }
            apps.append(PM2App(object, at: entry.origin))
        }
        return (apps, gaps)
    }
}
