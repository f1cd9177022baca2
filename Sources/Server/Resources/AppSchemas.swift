import PortlessCore

/// The schemas of apps and their processes.
enum AppSchemas {
    static let state = Schema.oneOf(ProcessState.allCases.map(\.rawValue))
    /// The process states; the original's "not_started" and "not_found" are kept.
    static let status = Schema.oneOf(
        ProcessState.allCases.map(\.rawValue) + ["not_started", "not_found"]
    )

    static let ports = Schema.object([], others: .allowed(.port))

    /// An item of PM2's list, as the original has it.
    static let processStatus = Schema.named(
        "ProcessStatus",
        .object([
            .required("name", .text), .required("status", status),
            .optional("pid", .orNull(.integer())), .optional("pm_id", .integer()),
            .optional("cpu", .orNull(.number)), .optional("memory", .orNull(.integer())),
            .optional("uptime", .integer()), .optional("restarts", .integer()),
            .optional("unstableRestarts", .integer()), .optional("pm2_env", .null),
        ]),
    )

    private static let scripts = Schema.array(
        .object([.required("name", .text), .required("description", .text)])
    )

    static let app = Schema.named(
        "App",
        .described(
            "An app as the registry keeps it, with what runs of it. Further fields are kept.",
            .object(
                [
                    .required("id", .text), .required("name", .text),
                    .required(
                        "processes",
                        .array(
                            .object(
                                [.required("name", .text)],
                                others: .allowed(.any),
                            )
                        ),
                    ),
                    .required("pm2Status", .object([], others: .allowed(processStatus))),
                    .required("overallStatus", status), .required("degraded", .boolean),
                    .required(
                        "endpoints",
                        .array(
                            .object([
                                .required("process", .text), .required("label", .text),
                                .required("port", .port),
                            ])
                        ),
                    ),
                    .required(
                        "names",
                        .array(.object([.required("label", .text), .required("name", .text)])),
                    ),
                    .required("uiPort", .orNull(.port)), .required("apiPort", .orNull(.port)),
                    .required("devUiPort", .orNull(.port)),
                    .required("supervised", .orNull(.told(SupervisedApp.shape))),
                    .required("hasDeployScript", .boolean),
                    .required(
                        "xcodeScripts",
                        .object([.required("missing", scripts), .required("present", scripts)]),
                    ),
                ],
                others: .allowed(.any),
            ),
        ),
    )

    static let identifier = Parameter(
        name: "id",
        place: .path,
        schema: .string(StringRule(length: 1...253)),
        summary: "The app's id or name.",
    )
}
