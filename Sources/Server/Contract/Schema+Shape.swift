import PortlessCore

/// The schema of a plan for `POST /api/up`; rules that it can't express are checked later.
enum PlanSchema {
    static let plan = Schema.named(
        "Plan",
        .described(
            "What to run: whole commands and environments, with nothing left to look up.",
            .taken(.object(SupervisionPlan.members)),
        ),
    )
}

extension Schema {
    /// The schema of a value of this shape in a request.
    static func taken(_ shape: JSONShape) -> Schema { of(shape) { $0.isRequired } }

    /// The schema of a value of this shape in an answer.
    static func told(_ shape: JSONShape) -> Schema { of(shape) { $0.isConstant } }

    private static func of(_ shape: JSONShape, isRequired: (JSONMember) -> Bool) -> Schema {
        switch shape {
        case .flag: .boolean
        case .integer: .integer()
        case .number: .number
        case .count: wholeNumber
        case .bytes: .described("Bytes.", wholeNumber)
        case .milliseconds: .described("Milliseconds.", wholeNumber)
        case .time: .described("Milliseconds since 1970.", .integer())
        case .preciseTime: .described("Microseconds since 1970.", .integer())
        case .port: .port
        case .text: .text
        case .path: AppRecord.path
        case .processName: processName
        case .choice(let values): .oneOf(values)
        case .command: .array(.text, count: 1...100_000)
        case .list(let element): .array(of(element, isRequired: isRequired))
        case .map(let value): .object([], others: .allowed(of(value, isRequired: isRequired)))
        case .named(let name, let shape): .named(name, of(shape, isRequired: isRequired))
        case .object(let members):
            .object(
                members.map { member in
                    Member(
                        name: member.key,
                        schema: of(member.shape, isRequired: isRequired),
                        isRequired: isRequired(member),
                    )
                },
                others: .allowed(.any),
            )
        }
    }

    private static let processName = Schema.string(
        StringRule(
            length: 1...120,
            pattern: "^[A-Za-z0-9_:@][A-Za-z0-9._:@-]*$",
            isValid: ProcessName.isValid,
        )
    )
    /// The integers that every JSON reader represents exactly (RFC 8259 section 6).
    private static let wholeNumber = Schema.integer(0...9_007_199_254_740_991)
}
