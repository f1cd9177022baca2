package import PortlessCore

/// A value of `env` in `portless.json`: text with placeholders, such as `shop_{branch}`.
///
/// `{{` and `}}` stand for single braces.
package struct EnvironmentTemplate: Hashable, Sendable {
    package enum Placeholder: Hashable, Sendable, CustomStringConvertible {
        /// The number of the app's port of this label.
        case port(String)
        /// The URL of an app of the project, of one of its labels, or of any other app.
        case url(String)
        /// The branch that is checked out, made safe by ``BranchLabel``.
        case branch
        /// The app's name, as its URL has it.
        case name

        package var description: String {
            switch self {
            case .port(let label): "{port.\(label)}"
            case .url(let app): "{url.\(app)}"
            case .branch: "{branch}"
            case .name: "{name}"
            }
        }

        fileprivate init?(_ text: Substring) {
            let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
            let argument = parts.count == 2 ? String(parts[1]) : nil
            switch (parts[0], argument) {
            case ("port", let label?) where Label(label) != nil: self = .port(label)
            case ("url", let app?) where (try? AppName(parsing: app)) != nil: self = .url(app)
            case ("branch", nil): self = .branch
            case ("name", nil): self = .name
            default: return nil
            }
        }
    }

    /// Why a text is no template, as a sentence without its end.
    struct Problem: Error {
        var reason: String
    }

    private enum Part: Hashable, Sendable {
        case text(String)
        case placeholder(Placeholder)
    }

    private var parts: [Part] = []

    init(parsing text: String) throws(Problem) {
        var plain = ""
        var rest = text[...]
        while let character = rest.popFirst() {
            guard character == "{" || character == "}" else {
                plain.append(character)
                continue
            }
            if rest.first == character {
                rest.removeFirst()
                plain.append(character)
                continue
            }
            guard character == "{", let end = rest.firstIndex(of: "}") else {
                throw Problem(reason: "a single \"\(character)\" in it is written twice")
            }
            let inside = rest[..<end]
            guard let placeholder = Placeholder(inside) else {
                throw Problem(
                    reason: """
                        {\(inside)} is no placeholder: there are {port.LABEL}, {url.APP}, {branch} \
                        and {name}, and a brace of its own is written twice
                        """
                )
            }
            if !plain.isEmpty { parts.append(.text(plain)) }
            plain = ""
            parts.append(.placeholder(placeholder))
            rest = rest[rest.index(after: end)...]
        }
        if !plain.isEmpty { parts.append(.text(plain)) }
    }

    init(portOf label: String) {
        parts = [.placeholder(.port(label))]
    }

    /// A text in which each `localhost:<port>` of these ports follows the port's label; nil for one
    /// without any.
    init?(_ text: String, following labels: [Port: String]) {
        var rest = text[...]
        var plain = ""
        while let colon = rest.firstIndex(of: ":") {
            let start = rest.index(after: colon)
            let digits = rest[start...].prefix { $0.isASCII && $0.isNumber }
            plain += rest[..<start]
            let isHere = Self.hosts.contains { text[..<colon].hasSuffix($0) }
            if isHere, let label = Port(digits).flatMap({ labels[$0] }) {
                parts += [.text(plain), .placeholder(.port(label))]
                plain = ""
            } else {
                plain += digits
            }
            rest = rest[digits.endIndex...]
        }
        guard !parts.isEmpty else { return nil }
        parts.append(.text(plain + rest))
    }

    private static let hosts = ["localhost", "127.0.0.1", "[::1]", "0.0.0.0"]

    /// The text where there are no placeholders.
    var plain: String? {
        var text = ""
        for part in parts {
            guard case .text(let piece) = part else { return nil }
            text += piece
        }
        return text
    }

    /// The text with each placeholder's value.
    package func filled(_ value: (Placeholder) throws -> String) rethrows -> String {
        var text = ""
        for part in parts {
            switch part {
            case .text(let piece): text += piece
            case .placeholder(let placeholder): text += try value(placeholder)
            }
        }
        return text
    }
}

/// One variable of `env` in a project's configuration.
package struct ConfiguredVariable: Hashable, Sendable {
    package var name: String
    package var template: EnvironmentTemplate
    package var location: SourceLocation
}

/// `"env": {"DATABASE_URL": "postgres://localhost/shop_{branch}"}`
extension ProjectConfigurationReader {
    mutating func variables(
        _ object: ConfigurationObject,
        prefix: String,
    ) -> [ConfiguredVariable] {
        guard let value = object["env"] else { return [] }
        let key = prefix + "env"
        guard let properties = value.object?.properties else {
            note(value, at: key, expected: "an object of strings")
            return []
        }
        return properties.compactMap { property in
            variable(property.name, property.value, key: "\(key).\(property.name)")
        }
    }

    /// Nil for a value that isn't one, which is noted.
    mutating func variable(
        _ name: String,
        _ value: ConfigurationValue,
        key: String,
    ) -> ConfiguredVariable? {
        guard let text = value.scalar, !text.utf8.contains(0) else {
            note(value, at: key, expected: "a string")
            return nil
        }
        guard !name.isEmpty, !name.contains("="), !name.utf8.contains(0) else {
            note(value, at: key, expected: "called like a variable of the environment")
            return nil
        }
        do throws(EnvironmentTemplate.Problem) {
            return ConfiguredVariable(
                name: name,
                template: try EnvironmentTemplate(parsing: text),
                location: value.origin,
            )
        } catch {
            note(value, at: key, problem: error.reason)
            return nil
        }
    }

    /// The variables that Portless itself gives an app, which the project's `env` can't have.
    static func isOurs(_ name: String) -> Bool {
        ["PORT", "HOST"].contains(name) || name.hasPrefix("PORTLESS")
    }
}
