import PortlessCore

/// A plan as `POST /api/up` takes it; what can't be told here is checked when it is read.
enum PlanSchema {
    static let plan = Schema.named(
        "Plan",
        .described(
            "What to run: whole commands and environments, with nothing left to look up.",
            .object(
                [
                    .required("app", .text), .required("directory", path),
                    .required("processes", .array(process, count: nil)),
                    .optional("version", count),
                    .optional(
                        "log",
                        .object(
                            [.optional("size", count), .optional("count", count)],
                            others: .allowed(.any),
                        ),
                    ),
                ],
                others: .allowed(.any),
            ),
        ),
    )

    private static let process = Schema.named(
        "PlannedProcess",
        .object(
            [
                .required("name", name), .required("command", .array(.text, count: 1...100_000)),
                .required("directory", path), .optional("environment", variables),
                .optional("inherited", variables), .optional("ports", AppSchemas.ports),
                .optional("primaryPort", .port), .optional("hostnames", texts),
                .optional("otherNames", .array(otherName, count: nil)), .optional("urls", texts),
                .optional("restart", restart), .optional("killTimeout", milliseconds),
                .optional("memoryLimit", .described("Bytes.", count)),
                .optional("outputFile", path), .optional("errorFile", path),
                .optional("dependencies", texts),
            ],
            others: .allowed(.any),
        ),
    )

    private static let restart = Schema.object(
        [
            .optional("automatic", .boolean), .optional("limit", count),
            .optional("minimumUptime", milliseconds), .optional("delay", milliseconds),
            .optional("backoff", milliseconds),
            .optional("finalCodes", .array(.integer(nil), count: nil)),
        ],
        others: .allowed(.any),
    )

    private static let otherName = Schema.object(
        [.optional("label", .text), .required("hostname", .text), .required("port", .port)],
        others: .allowed(.any),
    )

    private static let name = Schema.string(
        StringRule(
            length: 1...120,
            pattern: "^[A-Za-z0-9_:@][A-Za-z0-9._:@-]*$",
            isValid: ProcessName.isValid,
        )
    )
    private static let path = AppRecord.path
    private static let texts = Schema.array(.text, count: nil)
    private static let variables = Schema.object([], others: .allowed(.text))
    /// As far as every reader of JSON counts exactly (RFC 8259 section 6).
    private static let count = Schema.integer(0...9_007_199_254_740_991)
    private static let milliseconds = Schema.described("Milliseconds.", count)
}
