package import Browser
import HTTPTypes
import HostSystem
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import PortlessCore

/// The managed browser's health on a port of its own, for programs that know PortOS's.
package struct BrowserHealth: Sendable {
    package var ports: BrowserPorts
    package var isHeadless: Bool

    package init(ports: BrowserPorts, isHeadless: Bool) {
        self.ports = ports
        self.isHeadless = isHeadless
    }

    /// Serves on the loopback address until the task is cancelled.
    package func run(
        logger: Logger,
        whenServing: @escaping @Sendable () -> Void,
    ) async throws {
        let application = Application(
            responder: CallbackResponder { (request, _: APIContext) in
                try await respond(to: request)
            },
            configuration: ApplicationConfiguration(
                address: .hostname("127.0.0.1", port: ports.health.number),
                serverName: nil,
            ),
            onServerRunning: { _ in whenServing() },
            logger: logger,
        )
        try await application.run()
    }

    private func respond(to request: Request) async throws -> Response {
        let facts = RequestFacts(request)
        guard HostAllowlist(names: []).allows(facts.authority), !facts.isFromForeignSite else {
            return Self.problem(403, "HOST_NOT_ALLOWED", "This answers to localhost only.")
        }
        guard request.method == .get || request.method == .head else {
            return Self.problem(405, "METHOD_NOT_ALLOWED", "This only answers to GET.")
        }
        switch request.uri.path {
        case "/health":
            let isHealthy = await isHealthy()
            return .json(json(isHealthy: isHealthy), status: isHealthy ? 200 : 503)
        case "/": return .json(description)
        default:
            return Self.problem(404, "NOT_FOUND", "There is nothing there; /health tells more.")
        }
    }

    /// Whether a browser answers, and no other program in its place.
    package func isHealthy() async -> Bool {
        if case .browser = await DevToolsEndpoint(port: ports.cdp).look() { true } else { false }
    }

    private static func problem(_ status: Int, _ code: String, _ detail: String) -> Response {
        .json(
            Problem(status, code: code, detail).json(at: Timestamp.now.text),
            status: status,
            type: "application/problem+json",
        )
    }

    /// In the original's shape.
    func json(isHealthy: Bool) -> JSONValue {
        .object([
            "status": .string(isHealthy ? "healthy" : "unhealthy"),
            "cdpPort": .integer(ports.cdp.number), "cdpHost": .string("127.0.0.1"),
            "cdpEndpoint": .string(endpoint), "headless": .bool(isHeadless),
        ])
    }

    var endpoint: String { "http://127.0.0.1:\(ports.cdp)" }

    private var description: JSONValue {
        .object([
            "service": .string(BrowserPorts.app),
            "description": .string("The managed browser of Portless, by the DevTools Protocol."),
            "cdpEndpoint": .string(endpoint), "health": .string("/health"),
        ])
    }

    static let schema = Schema.named(
        "BrowserHealth",
        .object([
            .required("status", .oneOf(["healthy", "unhealthy"])), .required("cdpPort", .port),
            .required("cdpHost", .text), .required("cdpEndpoint", .text),
            .required("headless", .boolean),
        ]),
    )
}
