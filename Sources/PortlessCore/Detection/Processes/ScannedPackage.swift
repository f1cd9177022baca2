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
            ["dev:", "start:", "serve:"].contains { script.name.hasPrefix($0) }
        }
        return first + others
    }
}
