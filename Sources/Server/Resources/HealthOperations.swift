import HTTPTypes
import HostSystem
import PortlessCore

/// Whether the server is well, and how it can be reached.
struct HealthOperations {
    let services: ServerServices
    let exposure: @Sendable () -> Exposure
    /// Checks the certificate's files.
    let reload: @Sendable () async -> Void
    let startedAt: Timestamp

    var operations: [Operation] {
        [
            health("/api/health", "getHealth"), health("/api/system/health", "getSystemHealth"),
            network, reloading,
        ]
    }

    private func health(_ path: String, _ id: String) -> Operation {
        Operation(
            method: .get,
            path: path,
            id: id,
            summary: "Whether the server is well.",
            answer: Self.schema,
        ) { call in
            let now = Timestamp.now
            return .object([
                "status": .string("ok"),
                "timestamp": .string(now.text),
                "uptime": .integer(startedAt.duration(to: now).components.seconds),
                "version": .string(services.version),
                "hostname": .string(services.hostname),
                "name": .string("portless"),
                "pid": .integer(ProcessIdentity.current.pid),
                "authRequired": .bool(exposure().isExposed),
                "scheme": .string(call.request.isSecure ? "https" : "http"),
            ])
        }
    }

    private var network: Operation {
        Operation(
            method: .get,
            path: "/api/network-exposure/status",
            id: "getNetworkExposure",
            summary: "Who can reach the server, and by what.",
            answer: Exposure.schema,
        ) { _ in .json(exposure().json) }
    }

    private var reloading: Operation {
        Operation(
            method: .post,
            path: "/api/certificate/reload",
            id: "reloadCertificate",
            summary: "Takes the certificate's files into use as they are now.",
            access: .change,
            body: .object([]),
            answer: Exposure.schema,
        ) { _ in
            await reload()
            return .json(exposure().json)
        }
    }

    private static let schema = Schema.named(
        "Health",
        .object([
            .required("status", .oneOf(["ok"])), .required("timestamp", .text),
            .required("uptime", .described("In seconds.", .integer())),
            .required("version", .text), .required("hostname", .text),
            .required("name", .text), .required("pid", .integer()),
            .required("authRequired", .boolean),
            .required("scheme", .oneOf(["http", "https"])),
        ]),
    )
}
