import HostSystem
package import PortlessCore
package import Projects
package import SystemPackage

/// A project's folder in the form of the original's import page.
enum Repository {
    /// `detected` is the result of reading the folder's files, where it is known already.
    static func describe(_ text: String, detected: DetectedProject? = nil) -> JSONValue {
        let path = FilePath(text)
        guard path.isAbsolute, !text.utf8.contains(0) else {
            return invalid("\(text) is not an absolute path.")
        }
        guard let status = try? FileStatus.of(path), status.isDirectory else {
            return invalid("\(text) is not a directory.")
        }
        let files = ProjectFiles.directory(path)
        let detected = detected ?? ProjectDetection.detect(directory: path, files: files)
        let manifest = manifest(files)
        let scripts = manifest?["scripts"]?.object ?? [:]
        var ports = JSONObject()
        ports["main"] = (detected.processes.port("api") ?? detected.processes.port("ui")).map {
            .integer($0.number)
        }
        ports["vite"] = detected.processes.port("devUi").map { .integer($0.number) }
        return .object([
            "valid": .bool(true), "path": .string(path.string),
            "type": .string(type(manifest, files)),
            "hasPackageJson": .bool(manifest != nil),
            "hasGit": .bool(exists(path.appending(".git"))),
            "packageJson": manifest.map { manifest in
                .object([
                    "name": manifest["name"] ?? .null, "scripts": .object(scripts),
                ])
            } ?? .null,
            "detectedPorts": .object(ports),
            "startCommands": .array(startCommands(scripts).map { .string($0) }),
            "project": detected.json,
        ])
    }

    private static func invalid(_ reason: String) -> JSONValue {
        .object(["valid": .bool(false), "error": .string(reason)])
    }

    private static func exists(_ path: FilePath) -> Bool {
        (try? FileStatus.of(path)) != nil
    }

    private static func manifest(_ files: ProjectFiles) -> JSONObject? {
        guard let bytes = try? files.read("package.json") else { return nil }
        return (try? JSONValue(parsing: bytes))?.object
    }

    private static func startCommands(_ scripts: JSONObject) -> [String] {
        if scripts["dev"] != nil { return ["npm run dev"] }
        return scripts["start"] == nil ? [] : ["npm start"]
    }

    /// The original's types, the more specific ones first: a Next project also depends on React.
    private static func type(_ manifest: JSONObject?, _ files: ProjectFiles) -> String {
        let names = Set(((try? files.list("")) ?? []).map(\.name))
        if names.contains("Package.swift") { return "swift" }
        if names.contains(where: { $0.hasSuffix(".xcodeproj") || $0.hasSuffix(".xcworkspace") }) {
            return "xcode"
        }
        if let manifest { return type(of: manifest) }
        let python: Set = ["pyproject.toml", "requirements.txt", "setup.py", "Pipfile"]
        if !names.isDisjoint(with: python) { return "python" }
        if names.contains("go.mod") { return "go" }
        let servers =
            ["js", "mjs", "cjs", "ts"].map { "server.\($0)" }
            + ["ecosystem.config.js", "ecosystem.config.cjs"]
        if !names.isDisjoint(with: servers) { return "unknown" }
        let docker = [
            "Dockerfile", "compose.yml", "compose.yaml", "docker-compose.yml",
            "docker-compose.yaml",
        ]
        if !names.isDisjoint(with: docker) { return "docker" }
        return names.contains("index.html") ? "static" : "unknown"
    }

    private static func type(of manifest: JSONObject) -> String {
        let dependencies = ["dependencies", "devDependencies"].flatMap { key in
            manifest[key]?.object?.keys ?? []
        }
        func uses(_ names: String...) -> Bool { names.contains(where: dependencies.contains) }
        if uses("next") { return "nextjs" }
        if uses("vite"), uses("express") { return "vite+express" }
        if uses("vite", "react", "vue") { return "vite" }
        return uses("express", "fastify", "koa") ? "single-node-server" : "unknown"
    }
}

extension DetectedProject {
    /// Why the stored app can't be updated; nil if it can.
    package func whyUnreadable(_ app: String) -> String? {
        malformed.first.map { problem in
            """
            \(problem.file):\(problem.line) of \(app) can't be read: \(problem.reason). \
            Repair it and try again.
            """
        }
    }
}

extension RegisteredApp {
    /// A new app for the project in a folder, with everything that its files declare.
    package init(folder: FilePath, detected: DetectedProject) {
        self.init(
            id: UniqueID.make(),
            name: detected.name,
            directory: folder,
            processes: detected.processes,
            pm2Home: detected.pm2Home,
            now: Timestamp.now.text,
        )
        describe(Repository.describe(folder.string, detected: detected))
    }

    /// Updates the app with the present declarations of its files.
    mutating func refresh(from detected: DetectedProject) {
        refresh(processes: detected.processes, pm2Home: detected.pm2Home)
    }
}
