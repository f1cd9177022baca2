import PortlessCore

/// What a `package.json` says: its name and the commands of its scripts.
struct ScannedPackage {
    /// Tools whose one port shows pages.
    static let pageTools: Set<String> = [
        "vite", "next", "nuxt", "nuxi", "astro", "react-scripts", "ng", "webpack",
        "webpack-dev-server",
        "parcel", "remix", "gatsby", "svelte-kit", "vue-cli-service", "storybook", "http-server",
        "serve", "rsbuild", "expo", "docusaurus", "vitepress", "eleventy",
    ]

    var name: String?
    var scripts: JavaScriptObject
    var portless: JavaScriptValue?

    init(_ object: JavaScriptObject) {
        // A scope says who publishes the package, not what it is.
        name = object["name"]?.string.map { ProjectPath.name(of: $0) }
        scripts = object["scripts"]?.object ?? JavaScriptObject()
        portless = object["portless"]
    }

    static func read(
        in directory: String,
        of configuration: ConfigurationFile,
        into findings: inout Findings,
    ) -> ScannedPackage? {
        do {
            let file = ProjectPath.join(directory, "package.json")
            return try configuration.json(file).map(ScannedPackage.init)
        } catch {
            findings.report(Unresolved(malformed: error))
            return nil
        }
    }

    /// Scripts that start servers, the one for development first.
    var servers: [JavaScriptObject.Property] {
        let first = ["dev", "start", "serve"].compactMap { name in
            scripts[name].map { JavaScriptObject.Property(name: name, value: $0) }
        }
        let others = scripts.properties.filter { script in
            let words = script.name.lowercased().split(separator: ":").map(String.init)
            guard let verb = words.first, Self.serving.contains(verb) else { return false }
            return !first.contains { $0.name == script.name }
                && !words.contains(where: Self.notServing.contains)
        }
        return first + others
    }

    /// What scripts that start servers are called, up to a colon.
    private static let serving: Set<String> = [
        "dev", "start", "serve", "server", "api", "backend", "web", "ui", "client", "frontend",
        "preview",
    ]
    /// Behind a colon: a server of its own life, or none.
    private static let notServing: Set<String> = [
        "test", "tests", "e2e", "lint", "build", "check", "typecheck", "types", "format", "clean",
        "generate", "codegen",
    ]

    /// What distinguishes a script's process from the package's own: `api` of `dev:api`, and of
    /// `api`; empty for `dev`.
    static func suffix(ofScript name: String) -> String {
        let words = name.split(separator: ":").map(String.init)
        let isMain = ["dev", "start", "serve"].contains(words.first)
        return (isMain ? Array(words.dropFirst()) : words).joined(separator: "-")
    }
}
