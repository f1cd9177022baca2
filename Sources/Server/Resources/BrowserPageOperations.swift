import Browser
import HTTPTypes
import HostSystem
import NIOPosix
import PortlessCore

/// The operations on the pages of the managed browser: open one, and look at it.
struct BrowserPageOperations {
    let services: ServerServices

    var operations: [Operation] {
        [pages, version, navigate, screenshot, console, accessibility]
    }

    /// Reads something of the browser; throws what a client can act on.
    private func look(
        _ path: String,
        _ id: String,
        _ summary: String,
        answer: Schema,
        _ perform: @escaping @Sendable (DevToolsEndpoint) async throws -> JSONValue,
    ) -> Operation {
        Operation(
            method: .get,
            path: "/api/browser/\(path)",
            id: id,
            summary: summary,
            answer: answer,
            refusals: [409, 502],
        ) { _ in
            let browser = try await ManagedBrowser(services)
            return .json(try await Self.told { try await perform(browser.endpoint) })
        }
    }

    private static func told<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let absence as BrowserAbsence {
            throw Problem(409, code: "NOT_RUNNING", "\(absence)")
        } catch let refusal as NavigationRefusal {
            throw Problem(400, code: "NAVIGATION_REFUSED", "\(refusal)")
        } catch let failure as PageFailure {
            throw Problem(502, code: "PAGE_FAILED", "\(failure)")
        } catch let problem as Problem {
            throw problem
        } catch {
            throw Problem(502, code: "BROWSER_FAILED", "\(error)")
        }
    }

    private var pages: Operation {
        look(
            "pages",
            "listBrowserPages",
            "The browser's open tabs.",
            answer: .array(
                .object([
                    .required("id", .text), .required("title", .text), .required("url", .text),
                ])
            ),
        ) { endpoint in
            .array(try await endpoint.connected { try await BrowserPage.list($0) })
        }
    }

    private var version: Operation {
        look(
            "version",
            "getBrowserVersion",
            "What the browser says of itself (`/json/version`).",
            answer: .object([], others: .allowed(.any)),
        ) { endpoint in try await endpoint.browser().json }
    }

    private var navigate: Operation {
        Operation(
            method: .post,
            path: "/api/browser/navigate",
            id: "navigateBrowser",
            summary: """
                Opens a page in the first tab: http and https, names that the proxy serves, and \
                addresses that aren't this machine's, link-local or a cloud's metadata.
                """,
            access: .change,
            body: .object([.required("url", .string(StringRule(length: 1...8192)))]),
            answer: .object(
                Self.place + [.required("loaded", .boolean), .required("download", .boolean)]
            ),
            refusals: [409, 502],
        ) { call in
            let proxy = try services.proxy()
            let rule = NavigationRule(tlds: proxy.tlds, proxyPort: proxy.port)
            return .json(
                .object(
                    try await Self.told {
                        let target = try rule.target(of: call.body["url"]?.string ?? "")
                        if case .name(let name) = target.host {
                            // The system's resolver blocks, for long where it gets no answer.
                            let addresses = try await NIOThreadPool.singleton.runIfActive {
                                NameLookup.addresses(of: name.description)
                            }
                            try rule.judge(addresses, of: target)
                        }
                        let browser = try await ManagedBrowser(services)
                        return try await browser.endpoint.visit(target, by: rule)
                    }
                )
            )
        }
    }

    private var screenshot: Operation {
        look(
            "screenshot",
            "getBrowserScreenshot",
            "What the first tab shows.",
            answer: .object(
                Self.place + [.required("png", .described("The picture in Base64.", .text))]
            ),
        ) { endpoint in
            .object(
                try await endpoint.connected { try await BrowserPage.first(of: $0).screenshot() }
            )
        }
    }

    private var console: Operation {
        look(
            "console",
            "getBrowserConsole",
            "Errors and warnings of the first tab's page since it was loaded, and failed requests.",
            answer: .object(
                Self.place + [
                    .required("entries", .array(Self.entry)), .required("leftOut", .integer()),
                ]
            ),
        ) { endpoint in .object(try await endpoint.console()) }
    }

    private var accessibility: Operation {
        look(
            "accessibility",
            "getBrowserAccessibility",
            "The first tab's accessibility tree as indented text.",
            answer: .object(
                Self.place + [.required("tree", .text), .required("leftOut", .integer())]
            ),
        ) { endpoint in
            .object(
                try await endpoint.connected {
                    try await BrowserPage.first(of: $0).accessibility()
                }
            )
        }
    }

    private static let place: [Schema.Member] = [
        .required("url", .text), .required("title", .text),
    ]

    private static let entry = Schema.object([
        .required("kind", .oneOf(["console", "exception", "log", "request"])),
        .required("level", .oneOf(["error", "warning"])), .required("text", .text),
        .required("url", .orNull(.text)), .required("line", .orNull(.integer())),
        .required("time", .orNull(.time)),
    ])
}
