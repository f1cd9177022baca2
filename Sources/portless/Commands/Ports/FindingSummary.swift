import PortlessCore
import Projects

/// How many findings there are of each level.
struct FindingSummary: Equatable {
    let errors: Int
    let warnings: Int
    let notes: Int

    init(_ findings: [PortFinding]) {
        errors = findings.count { $0.level == .error }
        warnings = findings.count { $0.level == .warning }
        notes = findings.count { $0.level == .note }
    }

    var text: String {
        [(errors, "error"), (warnings, "warning"), (notes, "note")]
            .map { count, noun in "\(count) \(noun)\(count == 1 ? "" : "s")" }
            .joined(separator: ", ")
    }

    func json(_ findings: [PortFinding]) -> JSONValue {
        .object([
            "findings": .array(findings.map(\.json)),
            "errors": .integer(errors),
            "warnings": .integer(warnings),
            "notes": .integer(notes),
        ])
    }
}
