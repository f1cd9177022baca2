import PortlessCore

@testable import Projects

/// Reads one file's exports from files held in memory.
enum JavaScriptEvaluation {
    static func exports(
        _ text: String,
        file: String = "ecosystem.config.js",
        among others: [String: String] = [:],
    ) throws -> ConfigurationValue {
        try module(text, file: file, among: others).exports
    }

    static func module(
        _ text: String,
        file: String = "ecosystem.config.js",
        among others: [String: String] = [:],
    ) throws -> JavaScriptModule {
        let files = others.merging([file: text]) { _, new in new }
        let evaluator = JavaScriptEvaluator(root: "/app", home: "/home/me") { path in
            files[path].map { Array($0.utf8) }
        }
        return try evaluator.module(file)
    }

    /// The value of one expression, as compact JSON; `?reason` where it is not known.
    static func value(of expression: String, after statements: String = "") throws -> String {
        let exports = try exports("\(statements)\nmodule.exports = \(expression);")
        return json(exports)
    }

    static func json(_ value: ConfigurationValue) -> String {
        switch value.kind {
        case .array(let elements):
            return "[" + elements.map(json).joined(separator: ",") + "]"
        case .object(let object):
            let members = object.properties.map { "\"\($0.name)\":\(json($0.value))" }
            return "{" + members.joined(separator: ",") + "}"
        case .string(let text): return "\"\(text)\""
        default:
            return value.problem.map { "?\($0.reason)" } ?? value.text ?? "?"
        }
    }
}
