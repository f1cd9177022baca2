import PortlessCore
package import SystemPackage

/// A `package.json`: the package's name, its scripts, and its package manager.
package struct PackageManifest {
    static let file = "package.json"

    private let object: ConfigurationObject
    /// The rule of a script's ports, before the script's name.
    private(set) var rule = "package.json scripts."

    /// The manifest of a directory of a project; nil where there is none.
    static func read(
        in directory: String,
        of reader: ProjectReader,
    ) throws(SourceError) -> PackageManifest? {
        try reader.json(ProjectPath.join(directory, file)).map(PackageManifest.init)
    }

    /// The manifest for a reader that can do without it: reports problems.
    static func read(
        in directory: String,
        of reader: ProjectReader,
        reportingTo project: inout ProjectDraft,
    ) -> PackageManifest? {
        do {
            return try read(in: directory, of: reader)
        } catch {
            project.report(Unresolved(malformed: error))
            return nil
        }
    }

    /// The folder's manifest, if there is one; throws if it is unreadable.
    package static func load(
        in folder: FilePath
    ) throws(ProjectConfigurationError) -> PackageManifest? {
        try ProjectReader.read(folder) { reader throws(ProjectConfigurationError) in
            do throws(SourceError) {
                return try read(in: "", of: reader)
            } catch {
                throw .json(error, in: folder)
            }
        }
    }

    /// Nil if it is missing or unreadable: npm will complain about its file.
    package init?(in folder: FilePath) {
        guard let manifest = try? Self.load(in: folder) else { return nil }
        self = manifest
    }

    init(_ object: ConfigurationObject) {
        self.object = object
    }

    /// Deno's file, whose tasks are scripts.
    init?(
        denoIn directory: String,
        of reader: ProjectReader,
        reportingTo project: inout ProjectDraft,
    ) {
        do throws(SourceError) {
            guard var object = try reader.json(ProjectPath.join(directory, "deno.json")) else {
                return nil
            }
            var scripts = ConfigurationObject()
            for task in object["tasks"]?.object?.properties ?? [] {
                scripts[task.name] = task.value.object?["command"] ?? task.value
            }
            let origin = object["tasks"]?.origin
            object["scripts"] = origin.map { ConfigurationValue(.object(scripts), at: $0) }
            self.init(object)
            rule = "deno.json tasks."
        } catch {
            project.report(Unresolved(malformed: error))
            return nil
        }
    }

    /// The name with its scope; nil if it is empty.
    package var name: String? {
        object["name"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The names of its scripts, in the order of the file.
    package var scriptNames: [String] { scripts.map(\.name) }

    /// The text of a script; nil if it isn't there or blank.
    package func script(_ name: String) -> String? {
        script(name)?.string.flatMap { $0.trimmingBlanks.isEmpty ? nil : $0 }
    }

    /// A script with its location.
    func script(_ name: String) -> ConfigurationValue? { object["scripts"]?.object?[name] }

    var scripts: [ConfigurationObject.Property] { object["scripts"]?.object?.properties ?? [] }
    var portless: ConfigurationValue? { object["portless"] }
    var workspaces: ConfigurationValue? { object["workspaces"] }
    var packageManager: String? { object["packageManager"]?.string }

    /// `@scope/name` without the scope.
    package static func unscoped(_ name: String) -> Substring {
        guard name.hasPrefix("@"), let slash = name.firstIndex(of: "/") else { return name[...] }
        return name[name.index(after: slash)...]
    }

    /// The `scope` of `@scope/name`.
    static func scope(of name: String) -> Substring? {
        guard name.hasPrefix("@"), let slash = name.firstIndex(of: "/") else { return nil }
        return name[..<slash].dropFirst()
    }
}

/// The scripts that start servers.
extension PackageManifest {
    /// The scripts that start servers, the one for development first; `folder` is the package's.
    func servers(in folder: CommandFolder) -> [ConfigurationObject.Property] {
        let first = Self.main.compactMap { name in
            script(name).map { ConfigurationObject.Property(name: name, value: $0) }
        }
        let others = scripts.filter { script in
            guard !Self.main.contains(script.name), let line = script.value.string else {
                return false
            }
            let words = script.name.lowercased().split { ":-_.".contains($0) }.map(String.init)
            guard !words.contains(where: Self.notServing.contains) else { return false }
            return ServerCommand.serves(line, in: folder)
                ?? words.first.map(Self.serving.contains) ?? false
        }
        return first + others
    }

    /// The name of a script's process: `api` for `dev:api` and for `api`; empty for `dev`, the
    /// package's own.
    ///
    /// Beside `dev`, `start` and `serve` run what is built, with ports of their own.
    package func suffix(ofScript name: String) -> String {
        if name != "dev", Self.main.contains(name), script("dev") != nil { return name }
        let words = name.split(separator: ":").map(String.init)
        let isMain = words.first.map(Self.main.contains) ?? false
        return (isMain ? Array(words.dropFirst()) : words).joined(separator: "-")
    }

    /// The scripts that start the package's own server, by precedence.
    private static let main = ["dev", "start", "serve"]
    /// The names, up to a colon, of scripts that start servers, where their text doesn't show it.
    private static let serving: Set<String> = [
        "dev", "start", "serve", "server", "api", "backend", "web", "ui", "client", "frontend",
        "preview",
    ]
    /// Suffixes after a colon of scripts that don't start another server.
    private static let notServing: Set<String> = [
        "test", "tests", "e2e", "lint", "build", "check", "typecheck", "types", "format", "clean",
        "generate", "codegen", "predev", "prestart", "postinstall", "deploy", "ci",
    ]
}
