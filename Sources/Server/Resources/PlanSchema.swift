import PortlessCore

/// A plan as `POST /api/up` takes it; what can't be told here is checked when it is read.
enum PlanSchema {
    static let plan = Schema.named(
        "Plan",
        .described(
            "What to run: whole commands and environments, with nothing left to look up.",
            object(SupervisionPlan.members),
        ),
    )

    private static func object(_ members: [PlanMember]) -> Schema {
        .object(
            members.map { member in
                let schema = schema(of: member.shape)
                // The one list of objects with a name of its own among the document's components.
                let isProcesses = member.key == "processes"
                return Schema.Member(
                    name: member.key,
                    schema: isProcesses ? named(schema) : schema,
                    isRequired: member.isRequired,
                )
            },
            others: .allowed(.any),
        )
    }

    private static func named(_ list: Schema) -> Schema {
        guard case .array(let process, let count) = list else { return list }
        return .array(.named("PlannedProcess", process), count: count)
    }

    private static func schema(of shape: PlanShape) -> Schema {
        switch shape {
        case .flag: .boolean
        case .integer: .integer(nil)
        case .count: count
        case .bytes: .described("Bytes.", count)
        case .milliseconds: .described("Milliseconds.", count)
        case .port: .port
        case .text: .text
        case .path: AppRecord.path
        case .processName: name
        case .command: .array(.text, count: 1...100_000)
        case .list(let element): .array(schema(of: element), count: nil)
        case .map(let value): .object([], others: .allowed(schema(of: value)))
        case .object(let members): object(members)
        }
    }

    private static let name = Schema.string(
        StringRule(
            length: 1...120,
            pattern: "^[A-Za-z0-9_:@][A-Za-z0-9._:@-]*$",
            isValid: ProcessName.isValid,
        )
    )
    /// As far as every reader of JSON counts exactly (RFC 8259 section 6).
    private static let count = Schema.integer(0...9_007_199_254_740_991)
}
