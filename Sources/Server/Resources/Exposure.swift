package import HostSystem
package import PortlessCore

/// The server's address and certificate at one moment.
package struct Exposure: Hashable, Sendable {
    package var host: String
    package var port: Port
    package var isSecure = false
    package var mirror: Port?
    package var certificate: ServerCertificateStatus?
    /// Problems with the certificate or the mirror, for people.
    package var warnings: [String] = []
    /// The open ports of features, on loopback.
    package var features: [FeaturePort] = []

    package init(host: String, port: Port) {
        self.host = host
        self.port = port
    }

    package var isExposed: Bool { audience != "loopback-only" }

    var audience: String {
        switch host {
        case "127.0.0.1", "::1", "localhost": "loopback-only"
        case "0.0.0.0", "::": "all-interfaces"
        default: "specific-interface"
        }
    }

    var json: JSONValue {
        .object([
            "scheme": .string(isSecure ? "https" : "http"),
            "httpsEnabled": .bool(isSecure),
            "httpsStateInitialized": .bool(true),
            "bind": .object([
                "host": .string(host), "port": .integer(port.number),
                "audience": .string(audience),
            ]),
            "loopbackMirror": .object([
                "enabled": .bool(mirror != nil),
                "port": mirror.map { .integer($0.number) } ?? .null,
            ]),
            "cert": certificate?.json ?? .null,
            "warnings": .array(warnings.map { .string($0) }),
            "features": .array(features.map(\.json)),
        ])
    }

    static let schema = Schema.named(
        "NetworkExposure",
        .object([
            .required("scheme", .oneOf(["http", "https"])),
            .required("httpsEnabled", .boolean),
            .required("httpsStateInitialized", .boolean),
            .required(
                "bind",
                .object([
                    .required("host", .text), .required("port", .port),
                    .required(
                        "audience",
                        .oneOf(["loopback-only", "all-interfaces", "specific-interface"]),
                    ),
                ]),
            ),
            .required(
                "loopbackMirror",
                .object([.required("enabled", .boolean), .required("port", .orNull(.port))]),
            ),
            .required("cert", .orNull(ServerCertificateStatus.schema)),
            .required("warnings", .array(.text)),
            .required(
                "features",
                .array(
                    .object([
                        .required("label", .text), .required("owner", .text),
                        .required("port", .port),
                    ])
                ),
            ),
        ]),
    )
}

/// The certificate in use, according to itself and to `meta.json` beside it.
package struct ServerCertificateStatus: Hashable, Sendable {
    /// The issuer: `tailscale`, `portless`, or `custom` where `meta.json` doesn't say.
    package var mode: String
    package var names: [String]
    package var expiresAt: Timestamp

    package init(mode: String, names: [String], expiresAt: Timestamp) {
        self.mode = mode
        self.names = names
        self.expiresAt = expiresAt
    }

    var json: JSONValue {
        .object([
            "mode": .string(mode),
            "tailscaleHost": mode == "tailscale" ? names.first.map { .string($0) } ?? .null : .null,
            "names": .array(names.map { .string($0) }),
            "expiresAt": .string(expiresAt.text),
        ])
    }

    static let schema = Schema.object([
        .required("mode", .text), .required("tailscaleHost", .orNull(.text)),
        .required("names", .array(.text)), .required("expiresAt", .text),
    ])
}
