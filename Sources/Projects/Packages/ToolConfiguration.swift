import PortlessCore

/// A server whose own configuration file may say where it listens.
struct ToolConfiguration {
    private enum Format {
        /// A module that exports the options, and where the port is in them.
        case module(section: String)
        /// Angular's workspace.
        case workspace
        /// Python with `bind = "host:port"`.
        case python
        /// Ruby with `port 3000` or `port ENV.fetch("PORT", 3000)`.
        case ruby
    }

    /// The names of its program.
    private let programs: Set<String>
    /// The files by precedence.
    private let files: [String]
    private let format: Format
    /// The flags that name another file.
    private let flags: Set<String>
    /// The last part of the rule of a port in the file.
    let rule: String
    /// The label where the process's own name tells none; nil leaves it to the command.
    let label: String?

    private init(
        _ programs: String...,
        file: String,
        endings: [String] = ["ts", "js", "mjs", "cjs", "mts", "cts"],
        _ format: Format,
        flags: Set<String> = ["--config", "-c"],
        rule: String,
        label: String? = "ui",
    ) {
        self.programs = Set(programs)
        files = endings.map { "\(file).\($0)" }
        self.format = format
        self.flags = flags
        self.rule = rule
        self.label = label
    }

    static let vite = ToolConfiguration(
        "vite",
        file: "vite.config",
        .module(section: "server"),
        rule: "vite server.port",
    )

    static let all = [
        vite,
        ToolConfiguration(
            "astro",
            file: "astro.config",
            endings: ["mjs", "js", "ts", "mts", "cjs", "cts"],
            .module(section: "server"),
            flags: ["--config"],
            rule: "astro server.port",
        ),
        ToolConfiguration(
            "vue-cli-service",
            file: "vue.config",
            endings: ["js", "cjs", "mjs", "ts"],
            .module(section: "devServer"),
            rule: "vue devServer.port",
        ),
        ToolConfiguration(
            "webpack",
            "webpack-dev-server",
            file: "webpack.config",
            endings: ["js", "cjs", "mjs", "ts"],
            .module(section: "devServer"),
            rule: "webpack devServer.port",
        ),
        ToolConfiguration(
            "nuxt",
            "nuxi",
            file: "nuxt.config",
            .module(section: "devServer"),
            rule: "nuxt devServer.port",
        ),
        ToolConfiguration(
            "ng",
            file: "angular",
            endings: ["json"],
            .workspace,
            flags: [],
            rule: "angular options.port",
        ),
        ToolConfiguration(
            "gunicorn",
            file: "gunicorn.conf",
            endings: ["py"],
            .python,
            rule: "gunicorn bind",
            label: nil,
        ),
        ToolConfiguration(
            "puma",
            file: "config/puma",
            endings: ["rb"],
            .ruby,
            flags: ["--config", "-C"],
            rule: "puma port",
            label: nil,
        ),
    ]

    /// The names of Vite's files, which count even where no script runs Vite.
    static let namesOfVite = vite.files

    /// A use of the tool: what a command line says about its configuration.
    struct Use {
        var tool: ToolConfiguration
        /// The folder in which the tool runs.
        var folder: String
        /// The file that the command line names.
        var file: String?
        /// The folder that it serves, where its file is, too; relative to `folder`.
        var place: String?
        var mode: String?
        /// The project of a workspace.
        var project: String?
    }
}

extension ToolConfiguration.Use {
    /// Vite in a folder, as if by itself.
    init(viteIn folder: String) {
        self.init(tool: .vite, folder: folder)
    }

    /// What a simple command tells about the file of its tool; nil for other programs, and for what
    /// doesn't serve.
    init?(_ command: CommandWords) {
        let texts = command.words.map(\.text)
        let found: (name: String, index: Int)? =
            switch command.target {
            case .program(let name, let index): (name, index)
            case .script(let manager, let index) where manager != .npm: (texts[index], index)
            default: nil
            }
        guard let (name, index) = found, let folder = command.folder.path,
            let tool = ToolConfiguration.all.first(where: { $0.runs(name) })
        else { return nil }
        let arguments = Array(texts[(index + 1)...])
        guard Framework.known(name)?.serves(with: arguments) != false else { return nil }
        self.init(tool: tool, folder: folder)
        file = tool.value(of: tool.configurationFlags, in: arguments)
        mode = tool.value(of: ["--mode", "-m"], in: arguments)
        let words = arguments.prefix { !$0.hasPrefix("-") }
        let own = words.first.map { ["dev", "serve", "preview", "s"].contains($0) } ?? false
        let argument = (own ? words.dropFirst() : words).first
        if name == "vite" { place = argument }
        if name == "ng" { project = argument }
    }

    /// The port that the file gives; nil where none does.
    func port(
        of reader: ProjectReader,
        into project: inout ProjectDraft,
    ) -> ConfigurationValue? {
        let names = file.map { [$0] } ?? tool.fileNames
        let base = file == nil ? place ?? "" : ""
        for name in names {
            let path = base.isEmpty ? name : "\(base)/\(name)"
            guard let path = ProjectPath.resolve(path, from: folder) else { continue }
            do {
                guard try reader.source(path) != nil else { continue }
                if let port = try tool.port(in: path, for: self, of: reader, &project) {
                    return port
                }
            } catch {
                project.report(Unresolved(error))
            }
        }
        return nil
    }
}

extension ToolConfiguration {
    fileprivate var configurationFlags: Set<String> { flags }
    fileprivate var fileNames: [String] { files }

    fileprivate func runs(_ name: String) -> Bool { programs.contains(name) }

    fileprivate func value(of flags: Set<String>, in arguments: [String]) -> String? {
        for (index, argument) in arguments.enumerated() {
            if flags.contains(argument), arguments.indices.contains(index + 1) {
                return arguments[index + 1]
            }
            let parts = argument.split(separator: "=", maxSplits: 1)
            if parts.count == 2, flags.contains(String(parts[0])) { return String(parts[1]) }
        }
        return nil
    }

    fileprivate func port(
        in file: String,
        for use: Use,
        of reader: ProjectReader,
        _ project: inout ProjectDraft,
    ) throws(SourceError) -> ConfigurationValue? {
        switch format {
        case .module(let section):
            let (root, options, problems) = try reader.evaluator.developmentConfiguration(
                file,
                section: section,
                mode: use.mode ?? "development",
                directory: use.folder,
            )
            project.report(problems.map(\.asPartOfReadable))
            return port(root, options, &project)
        case .workspace:
            return try reader.json(file).flatMap { port(ofWorkspace: $0, use.project) }
        case .ruby: return try reader.source(file).flatMap(PumaConfiguration.port)
        case .python:
            return try reader.source(file).flatMap { bind(in: $0, &project) }
        }
    }

    private func port(
        _ root: ConfigurationValue,
        _ options: ConfigurationValue?,
        _ project: inout ProjectDraft,
    ) -> ConfigurationValue? {
        if let problem = root.problem {
            project.report(problem)
            return nil
        }
        guard let members = root.object else {
            let reason = "what this file exports isn't an object"
            project.report(Unresolved(root.origin, reason))
            return nil
        }
        guard let options, !options.isNullish else {
            project.report(members.gaps)
            return nil
        }
        if let problem = options.problem {
            project.report(problem)
            return nil
        }
        guard let port = options.object?["port"] else {
            project.report(options.object?.gaps ?? [])
            return nil
        }
        return port.isUndefined || port.string == "auto" ? nil : port
    }

    /// The port of the project that the command names, else of the default one or the only one.
    private func port(
        ofWorkspace workspace: ConfigurationObject,
        _ name: String?,
    ) -> ConfigurationValue? {
        let projects = workspace["projects"]?.object?.properties ?? []
        let wanted = name ?? workspace["defaultProject"]?.string
        let project =
            projects.first { $0.name == wanted }
            ?? projects.first { $0.value.object?["projectType"]?.string != "library" }
        let targets = project?.value.object?["architect"] ?? project?.value.object?["targets"]
        let serve = targets?.object?["serve"]?.object
        let chosen = serve?["defaultConfiguration"]?.string
        let configuration = chosen.flatMap { serve?["configurations"]?.object?[$0]?.object }
        return configuration?["port"] ?? serve?["options"]?.object?["port"]
    }

    /// The port of the last `bind` of a Python file; reports one that isn't a literal.
    private func bind(
        in source: SourceText,
        _ project: inout ProjectDraft,
    ) -> ConfigurationValue? {
        var result: ConfigurationValue?
        for (number, range) in source.lines {
            let line = source.string(range)
            guard line.hasPrefix("bind") else { continue }
            let parts = line.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, parts[0].dropFirst(4).allSatisfy({ " \t:str".contains($0) })
            else { continue }
            let place = SourceLocation(file: source.file, line: number, range: range)
            let text = parts[1].prefix { $0 != "#" }.trimmingBlanks
            let literal = text.dropFirst().dropLast()
            guard let quote = text.first, "\"'".contains(quote), text.last == quote,
                text.count > 2, !literal.contains(quote)
            else {
                result = .unresolved("this isn't a plain text", at: place)
                continue
            }
            guard let colon = literal.lastIndex(of: ":"), !literal.hasPrefix("unix:") else {
                result = nil
                continue
            }
            let digits = literal[literal.index(after: colon)...]
            let start =
                range.lowerBound
                + line.utf8.distance(
                    from: line.startIndex,
                    to: digits.startIndex,
                )
            let location = SourceLocation(
                file: source.file,
                line: number,
                range: start..<start + digits.utf8.count,
            )
            result = ConfigurationValue(.string(String(digits)), at: location)
        }
        return result
    }
}
