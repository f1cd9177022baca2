package import PortlessCore

/// Finds host names that a project's framework will refuse and that only the user can allow.
///
/// Names that a variable or a flag can allow are set for each app instead. A configuration that
/// can't be read for certain yields no advice.
package enum HostChecks {
    /// One sentence for each missing setting.
    package static func advice(
        for host: Hostname,
        files: ProjectFiles,
        environment: [String: String] = [:],
    ) -> [String] {
        let project = ProjectText(files: files)
        return [
            django(host, project, environment: environment), rails(host, project),
            next(host, project),
            webpack(host, project),
        ].compactMap(\.self)
    }

    // MARK: Frameworks

    private static func django(
        _ host: Hostname,
        _ project: ProjectText,
        environment: [String: String],
    ) -> String? {
        guard let manage = project.text("manage.py") else { return nil }
        let module = environment["DJANGO_SETTINGS_MODULE"] ?? settingsModule(in: manage)
        guard let module else { return nil }
        let path = module.split(separator: ".").joined(separator: "/")
        for file in ["\(path).py", "\(path)/__init__.py"] {
            guard let text = project.text(file) else { continue }
            guard let allowed = StringList.assigned(to: "ALLOWED_HOSTS", in: text) else {
                return nil
            }
            // Without any, DEBUG allows `localhost` and names below it.
            let isAllowed =
                allowed.isEmpty
                ? isUnderLocalhost(host) : allowed.contains { covers($0, host, everything: "*") }
            guard !isAllowed else { return nil }
            return
                "Django refuses \(host): add \"\(entry(for: host))\" to ALLOWED_HOSTS in \(file)."
        }
        return nil
    }

    /// The second string in `os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")`.
    private static func settingsModule(in manage: String) -> String? {
        let rest = manage.split(separator: "DJANGO_SETTINGS_MODULE", maxSplits: 1).dropFirst().first
        let quoted = rest?.dropFirst().drop { $0 != "\"" && $0 != "'" }
        guard let quote = quoted?.first,
            let module = quoted?.dropFirst().prefix(while: { $0 != quote })
        else { return nil }
        return module.isEmpty ? nil : String(module)
    }

    private static func rails(_ host: Hostname, _ project: ProjectText) -> String? {
        for file in ["config/environments/development.rb", "config/application.rb"] {
            guard let text = project.text(file),
                let allowed = StringList.assigned(to: "config.hosts", in: text), !allowed.isEmpty,
                !allowed.contains(where: { covers($0, host, everything: nil) })
            else { continue }
            return "Rails refuses \(host): add \"\(entry(for: host))\" to config.hosts in \(file)."
        }
        return nil
    }

    private static func next(_ host: Hostname, _ project: ProjectText) -> String? {
        // Names below `localhost` are always allowed.
        guard !isUnderLocalhost(host) else { return nil }
        let names = ["js", "mjs", "cjs", "ts", "mts"].map { "next.config.\($0)" }
        guard let (file, text) = project.first(of: names), !text.contains("allowedDevOrigins")
        else { return nil }
        return """
            Next.js keeps what it serves for development from \(host): add \
            allowedDevOrigins: ["\(host)"] to \(file).
            """
    }

    private static func webpack(_ host: Hostname, _ project: ProjectText) -> String? {
        guard !isUnderLocalhost(host) else { return nil }
        let names = ["webpack.config", "vue.config"].flatMap { name in
            ["js", "cjs", "mjs", "ts"].map { "\(name).\($0)" }
        }
        guard let (file, text) = project.first(of: names), !text.contains("allowedHosts") else {
            return nil
        }
        return """
            webpack-dev-server refuses \(host): add allowedHosts: ["\(entry(for: host))"] to \
            devServer in \(file).
            """
    }

    // MARK: Names

    private static func isUnderLocalhost(_ host: Hostname) -> Bool {
        host.description == "localhost" || host.description.hasSuffix(".localhost")
    }

    /// The top-level domain with all names below it, which all these frameworks write with a dot.
    private static func entry(for host: Hostname) -> String {
        let labels = host.description.split(separator: ".")
        return "." + (labels.last.map(String.init) ?? "localhost")
    }

    private static func covers(_ entry: String, _ host: Hostname, everything: String?) -> Bool {
        if entry == everything { return true }
        return entry.first == "."
            ? host.description == entry.dropFirst() || host.description.hasSuffix(entry)
            : host.description == entry
    }
}

/// Files of a project as text; unreadable ones count as missing.
private struct ProjectText {
    let files: ProjectFiles

    func text(_ path: String) -> String? {
        (try? files.read(path)).flatMap { $0 }.map { String(decoding: $0, as: UTF8.self) }
    }

    func first(of paths: [String]) -> (path: String, text: String)? {
        for path in paths {
            if let text = text(path) { return (path, text) }
        }
        return nil
    }
}

/// A list of strings as Python and Ruby write it.
private enum StringList {
    /// All strings assigned to a name; nil without an assignment, or with one of other values than
    /// literals.
    static func assigned(to name: String, in text: String) -> [String]? {
        var found: [String]?
        var rest = withoutComments(text)[...]
        while let range = rest.firstRange(of: name) {
            let after = rest[range.upperBound...].drop { $0 == " " || $0 == "\t" }
            rest = rest[range.upperBound...]
            let operators = ["+=", "="]
            guard let used = operators.first(where: after.hasPrefix), !after.hasPrefix("==") else {
                // `.append`, `<<`, or another way to add values that can't be read here.
                return nil
            }
            let value = after.dropFirst(used.count).drop { $0.isWhitespace }
            guard let list = literal(value) else { return nil }
            found = (used == "=" ? [] : found ?? []) + list
        }
        return found
    }

    private static func literal(_ text: Substring) -> [String]? {
        guard let open = text.first, open == "[" || open == "(" else { return nil }
        var rest = text.dropFirst()
        var strings: [String] = []
        while let character = rest.first {
            rest = rest.dropFirst()
            switch character {
            case "]", ")": return strings
            case "\"", "'":
                let content = rest.prefix { $0 != character }
                strings.append(String(content))
                rest = rest.dropFirst(content.count + 1)
            case ",": continue
            case _ where character.isWhitespace: continue
            default: return nil
            }
        }
        return nil
    }

    /// A number sign in a string cuts it short, which only makes the list unreadable.
    private static func withoutComments(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.prefix { $0 != "#" } }
            .joined(separator: "\n")
    }
}
