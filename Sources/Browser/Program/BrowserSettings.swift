import HostSystem
package import PortlessCore
package import SystemPackage

/// What `browser.json` says, which the API's `config` changes.
package struct BrowserSettings: Hashable, Sendable {
    /// Nil: with a window where there is a display.
    package var isHeadless: Bool?
    package var program: String?
    package var downloads: FilePath?

    package init() {}

    package static func read(from directory: StateDirectory) throws -> BrowserSettings {
        let path = directory[.browserSettings]
        guard let text = try directory.text(of: path) else { return BrowserSettings() }
        guard let object = (try? JSONValue(parsing: text.utf8))?.object else {
            throw BrowserSettingsError(file: path)
        }
        var settings = BrowserSettings()
        settings.isHeadless = object["headless"]?.bool
        settings.program = object["chromePath"]?.string
        settings.downloads = object["downloadDir"]?.string.map { FilePath($0) }
        return settings
    }

    package func write(to directory: StateDirectory) throws {
        var object = JSONObject()
        object["headless"] = isHeadless.map { .bool($0) }
        object["chromePath"] = program.map { .string($0) }
        object["downloadDir"] = downloads.map { .string($0.string) }
        try AtomicFile.write(
            Array((JSONValue.object(object).formatted + "\n").utf8),
            to: directory[.browserSettings],
            owner: directory.owner,
        )
    }
}

/// A `browser.json` that can't be understood.
package struct BrowserSettingsError: Error, Hashable, CustomStringConvertible {
    let file: FilePath

    package var description: String { "\(file) is no JSON object. Repair it, or remove it." }
}

/// The ports of the managed browser.
package struct BrowserPorts: Hashable, Sendable {
    package static let app = "portless-browser"
    package static let process = "browser"

    package var cdp: Port
    package var health: Port

    package init(cdp: Port, health: Port) {
        self.cdp = cdp
        self.health = health
    }

    /// The standard ones, of PortOS's table.
    package static let standard = BrowserPorts(
        cdp: CoreEndpoint.browserDevTools.port,
        health: CoreEndpoint.browserHealth.port,
    )

    /// Those that a browser which was brought up was given.
    package init?(of app: SupervisedApp) {
        guard let ports = app.process(Self.process)?.ports,
            let cdp = ports.first(where: { $0.label == "cdp" }),
            let health = ports.first(where: { $0.label == "health" })
        else { return nil }
        self.init(cdp: cdp.port, health: health.port)
    }
}
