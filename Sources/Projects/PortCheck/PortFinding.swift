package import PortlessCore

/// A finding of the port check, with its location.
package struct PortFinding: Hashable, Sendable {
    package enum Level: String, Comparable, Sendable, CaseIterable {
        case note
        case warning
        case error

        package static func < (lhs: Level, rhs: Level) -> Bool {
            allCases.firstIndex(of: lhs) ?? 0 < allCases.firstIndex(of: rhs) ?? 0
        }
    }

    /// The rules; their names are stable, for scripts.
    package enum Rule: String, Sendable, CaseIterable {
        case duplicate
        case duplicateProcess = "duplicate-process"
        case gap
        case outsideBlock = "outside-block"
        case wellKnown = "well-known"
        case browserBlocked = "browser-blocked"
        case ephemeralRange = "ephemeral-range"
        case declaredTwice = "declared-twice"
        case differsFromLease = "differs-from-lease"
        case unresolved
        case malformed
    }

    package var level: Level
    package var rule: Rule
    package var message: String
    /// The directory of the project, as the user gave it.
    package var project: String
    package var file: String?
    package var line: Int?
    /// The declaration that it is about, if there is one.
    package var process: String?
    package var label: String?
    package var port: Port?
    /// The correct port.
    package var wanted: Port?

    /// `web/vite.config.ts:5: warning: …`, in the form of compilers.
    package var text: String {
        var place = project == "." ? "" : project
        if let file { place += (place.isEmpty ? "" : "/") + file }
        if let line { place += ":\(line)" }
        return "\(place.isEmpty ? "." : place): \(level.rawValue): \(message) [\(rule.rawValue)]"
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "level": .string(level.rawValue),
            "rule": .string(rule.rawValue),
            "message": .string(message),
            "project": .string(project),
        ]
        if let file { object["file"] = .string(file) }
        if let line { object["line"] = .integer(line) }
        object["process"] = process.map { .string($0) }
        object["label"] = label.map { .string($0) }
        object["port"] = port.map { .integer($0.number) }
        object["wanted"] = wanted.map { .integer($0.number) }
        return .object(object)
    }
}

extension PortFinding.Rule {
    /// A general description of the rule.
    package var summary: String {
        switch self {
        case .duplicate: "Two apps have the same port."
        case .duplicateProcess: "Two processes of an app listen on the same port."
        case .gap: "The ports of an app are not consecutive."
        case .outsideBlock: "A port lies outside of the app's leased block."
        case .wellKnown: "A port is one that other programs expect to have."
        case .browserBlocked: "Browsers refuse to open the port."
        case .ephemeralRange: "The system takes the port for outgoing connections."
        case .declaredTwice: "A port is declared in more than one place."
        case .differsFromLease: "A port is not the one that is leased for its label."
        case .unresolved: "A port can't be known by reading."
        case .malformed: "A file can't be read as what its name says it is."
        }
    }

    /// The most severe level of the rule's findings.
    package var level: PortFinding.Level {
        switch self {
        case .duplicate, .duplicateProcess, .browserBlocked, .differsFromLease, .malformed: .error
        case .outsideBlock, .wellKnown, .ephemeralRange, .declaredTwice: .warning
        case .gap, .unresolved: .note
        }
    }
}
