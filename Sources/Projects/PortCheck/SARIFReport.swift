package import PortlessCore

/// Findings in the Static Analysis Results Interchange Format 2.1.0 (OASIS), which code hosts show
/// beside the lines.
package struct SARIFReport {
    private let findings: [PortFinding]
    private let version: String
    /// Turns the path of a project, as the user gave it, into a URI reference.
    private let location: (String) -> String

    package init(
        _ findings: [PortFinding],
        version: String,
        location: @escaping (_ path: String) -> String = { SARIFReport.reference($0) },
    ) {
        self.findings = findings
        self.version = version
        self.location = location
    }

    package var json: JSONValue {
        let driver: JSONObject = [
            "name": .string("portless"),
            "version": .string(version),
            "rules": .array(PortFinding.Rule.allCases.map(Self.descriptor)),
        ]
        return .object([
            "$schema": .string("https://json.schemastore.org/sarif-2.1.0.json"),
            "version": .string("2.1.0"),
            "runs": .array([
                .object([
                    "tool": .object(["driver": .object(driver)]),
                    "columnKind": .string("unicodeCodePoints"),
                    "results": .array(findings.map(result)),
                ])
            ]),
        ])
    }

    private static func descriptor(_ rule: PortFinding.Rule) -> JSONValue {
        .object([
            "id": .string(rule.rawValue),
            "shortDescription": .object(["text": .string(rule.summary)]),
            "defaultConfiguration": .object(["level": .string(rule.level.rawValue)]),
        ])
    }

    private func result(_ finding: PortFinding) -> JSONValue {
        let index = PortFinding.Rule.allCases.firstIndex(of: finding.rule) ?? 0
        let path = [finding.project, finding.file].compactMap(\.self).filter { $0 != "." }
            .joined(separator: "/")
        var place: JSONObject = [
            "artifactLocation": .object(["uri": .string(location(path.isEmpty ? "." : path))])
        ]
        if let line = finding.line {
            place["region"] = .object(["startLine": .integer(line)])
        }
        return .object([
            "ruleId": .string(finding.rule.rawValue),
            "ruleIndex": .integer(index),
            "level": .string(finding.level.rawValue),
            "message": .object(["text": .string(finding.message)]),
            "locations": .array([.object(["physicalLocation": .object(place)])]),
        ])
    }

    /// A path as a URI reference (RFC 3986): absolute ones get a scheme, unsafe bytes are
    /// percent-encoded.
    package static func reference(_ path: String) -> String {
        var text = path.hasPrefix("/") ? "file://" : ""
        for byte in ProjectPath.normalized(path).utf8 {
            let isSafe =
                (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x30...0x39).contains(byte) || "-._~/".utf8.contains(byte)
            text += isSafe ? String(UnicodeScalar(byte)) : percent(byte)
        }
        return text
    }

    private static func percent(_ byte: UInt8) -> String {
        (byte < 16 ? "%0" : "%") + String(byte, radix: 16).uppercased()
    }
}
