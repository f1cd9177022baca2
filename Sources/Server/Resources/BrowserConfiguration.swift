import Browser
import HTTPTypes
import HostSystem
import PortlessCore
import SystemPackage

extension BrowserOperations {
    var readConfig: Operation {
        Operation(
            method: .get,
            path: "/api/browser/config",
            id: "getBrowserConfig",
            summary: "The browser's settings; ports and folders are those that it really uses.",
            answer: Self.config,
        ) { _ in .json(Self.json(try await ManagedBrowser(services), services)) }
    }

    /// The program and the folder of downloads decide what runs and what is written, so this takes
    /// the token itself.
    var writeConfig: Operation {
        Operation(
            method: .put,
            path: "/api/browser/config",
            id: "setBrowserConfig",
            summary: """
                Changes headless, chromePath and downloadDir, from the browser's next start on. What \
                else is given has to be as it is.
                """,
            access: .command,
            body: Self.changes,
            answer: Self.config,
        ) { call in
            let browser = try await ManagedBrowser(services)
            var settings = browser.settings
            let body = call.body.object ?? [:]
            let current = Self.json(browser, services)
            for (key, value) in body.members {
                switch key {
                case "headless": settings.isHeadless = value.bool
                case "chromePath": settings.program = try Self.path(value, key)?.string
                case "downloadDir": settings.downloads = try Self.path(value, key)
                default:
                    guard value == current[key] else { throw Self.fixed(key) }
                }
            }
            try settings.write(to: services.directory)
            return .json(Self.json(try await ManagedBrowser(services), services))
        }
    }

    private static func path(_ value: JSONValue, _ key: String) throws(Problem) -> FilePath? {
        guard let text = value.string else { return nil }
        let path = FilePath(text)
        guard path.isAbsolute else { throw .invalid("\"\(key)\" has to be an absolute path.") }
        return path
    }

    /// The original takes other ports here, and the browser goes on with its own.
    private static func fixed(_ key: String) -> Problem {
        switch key {
        case "cdpPort", "healthPort":
            .invalid(
                """
                \"\(key)\" isn't set here: PORTLESS_CDP_PORT and PORTLESS_CDP_HEALTH_PORT of \
                `portless browser start` say which ports the browser takes.
                """
            )
        default: .invalid("\"\(key)\" can't be changed.")
        }
    }

    private static func json(_ browser: ManagedBrowser, _ services: ServerServices) -> JSONValue {
        let (folder, settings) = (BrowserFolder(in: services.directory), browser.settings)
        return .object([
            "cdpPort": .integer(browser.ports.cdp.number), "cdpHost": .string("127.0.0.1"),
            "healthPort": .integer(browser.ports.health.number), "autoConnect": .bool(true),
            "headless": settings.isHeadless.map { .bool($0) } ?? .null,
            "userDataDir": .string(folder.profile.string),
            "downloadDir": .string((settings.downloads ?? folder.downloads).string),
            "chromePath": settings.program.map { .string($0) } ?? .null, "macAppBundle": .null,
        ])
    }

    private static let headless = Schema.described(
        "Null: with a window where there is a display.",
        .orNull(.boolean),
    )

    private static let config = Schema.named(
        "BrowserConfig",
        .object([
            .required("cdpPort", .port), .required("cdpHost", .text),
            .required("healthPort", .port), .required("autoConnect", .boolean),
            .required("headless", headless), .required("userDataDir", .text),
            .required("downloadDir", .text), .required("chromePath", .orNull(.text)),
            .required("macAppBundle", .null),
        ]),
    )

    private static let changes = Schema.object([
        .optional("cdpPort", .port), .optional("cdpHost", .text),
        .optional("healthPort", .port), .optional("autoConnect", .boolean),
        .optional("headless", headless), .optional("userDataDir", .text),
        .optional("downloadDir", .orNull(.string(StringRule(length: 1...4096)))),
        .optional("chromePath", .orNull(.string(StringRule(length: 1...4096)))),
        .optional("macAppBundle", .null),
    ])
}
