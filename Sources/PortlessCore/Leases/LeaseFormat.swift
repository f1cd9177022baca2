/// The ways in which a lease is printed.
package enum LeaseFormat: String, CaseIterable, Sendable {
    case table
    case json
    case dotenv
    case ecosystem

    /// The lease as text, without a newline at the end.
    package func text(of lease: PortLease) -> String {
        switch self {
        case .table: Self.table(lease)
        case .json: lease.json.formatted
        case .dotenv: Self.dotenv(lease)
        case .ecosystem: Self.ecosystem(lease)
        }
    }

    private static func table(_ lease: PortLease) -> String {
        let rows = lease.ports.map { [$0.label, $0.port.description, $0.description ?? ""] }
        return TextTable(header: ["LABEL", "PORT", "DESCRIPTION"], rows: rows).text
    }

    private static func dotenv(_ lease: PortLease) -> String {
        var lines: [String] = []
        if let primary = lease.primary { lines.append("PORT=\(primary.port)") }
        for leased in lease.ports {
            let variable = PortLabels.environmentVariable(of: leased.label)
            let comment = leased.description.map { " # \(oneLine($0))" } ?? ""
            lines.append("\(variable)=\(leased.port)\(comment)")
        }
        return lines.joined(separator: "\n")
    }

    private static func ecosystem(_ lease: PortLease) -> String {
        let range = lease.range?.text ?? ""
        var lines = [
            "// The ports of \(lease.app): \(range), leased with `portless ports lease`.",
            "const PORTS = {",
        ]
        for leased in lease.ports {
            let comment = leased.description.map { " // \(oneLine($0))" } ?? ""
            lines.append("  \(PortLabels.constant(of: leased.label)): \(leased.port),\(comment)")
        }
        return (lines + ["};"]).joined(separator: "\n")
    }

    /// A description must not end the comment that it is printed in.
    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
