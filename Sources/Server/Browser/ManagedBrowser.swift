package import Browser
import HostSystem
package import PortlessCore

/// The managed browser as it is now: the ports are those that the browser was given.
package struct ManagedBrowser: Sendable {
    static let process = BrowserPorts.process

    package let ports: BrowserPorts
    let app: SupervisedApp?
    let settings: BrowserSettings

    package static func name() throws -> AppName { try AppName(parsing: BrowserPorts.app) }

    /// `next` are the ports that a browser which was never started would get.
    package init(
        _ app: SupervisedApp?,
        in directory: StateDirectory,
        next: () throws -> BrowserPorts,
    ) throws {
        self.app = app
        ports = try app.flatMap(BrowserPorts.init) ?? next()
        settings = try BrowserSettings.read(from: directory)
    }

    init(_ services: ServerServices) async throws {
        let app = try? await services.supervisor.app(Self.name())
        try self.init(app, in: services.directory, next: services.browser.ports)
    }

    var endpoint: DevToolsEndpoint { DevToolsEndpoint(port: ports.cdp) }
    var process: SupervisedProcess? { app?.process(Self.process) }

    /// In the shape of the browser's own health port.
    func health(_ answer: DevToolsEndpoint.Answer) -> JSONValue {
        var isHeadless = settings.isHeadless ?? false
        var isHealthy = false
        if case .browser(let identity) = answer {
            isHealthy = true
            isHeadless = identity.json["User-Agent"]?.string?.contains("Headless") == true
        }
        return BrowserHealth(ports: ports, isHeadless: isHeadless).json(isHealthy: isHealthy)
    }

    /// Whether it runs and by what it is reached, for the API and for `portless browser status`.
    package func status() async -> JSONValue {
        let answer = await endpoint.look()
        var object = health(answer).object ?? [:]
        object["healthPort"] = .integer(ports.health.number)
        object["state"] = .string((process?.state ?? .notStarted).rawValue)
        object["reason"] = process?.reason.map { .string($0) } ?? .null
        object["pid"] = process?.pid.map { .integer($0) } ?? .null
        if case .browser(let identity) = answer {
            object["connected"] = .bool(true)
            object["product"] = .string(identity.product)
        } else {
            object["connected"] = .bool(false)
            object["product"] = .null
        }
        return .object(object)
    }

    static let statusSchema = Schema.named(
        "BrowserStatus",
        .object([
            .required("status", .oneOf(["healthy", "unhealthy"])), .required("cdpPort", .port),
            .required("cdpHost", .text), .required("cdpEndpoint", .text),
            .required("headless", .boolean),
            .required("connected", .described("Whether the browser answers.", .boolean)),
            .required("healthPort", .port), .required("state", AppSchemas.state),
            .required("reason", .orNull(.text)), .required("pid", .orNull(.integer())),
            .required("product", .described("Such as Chrome/150.0.1.2.", .orNull(.text))),
        ]),
    )
}
