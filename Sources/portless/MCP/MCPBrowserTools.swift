import NIOCore
import PortlessCore

/// The tools that look at the managed browser, and the one that drives it.
struct MCPBrowserTools: Sendable {
    /// Of a picture in Base64; clients take no larger ones.
    private static let largestPicture = 5 << 20

    let context: CommandContext

    /// All tools that only look, and with `allowsChanges` the other.
    func list(allowsChanges: Bool) -> [MCPTool] {
        let looking = [status, screenshot, console, accessibility]
        return allowsChanges ? looking + [open] : looking
    }

    private func get(_ path: String) throws -> JSONObject {
        let client = try ServerControl(context).client()
        return try client.get("/api/browser/\(path)", within: .seconds(60)).object ?? [:]
    }

    private var status: MCPTool {
        MCPTool(
            name: "browser_status",
            title: "Browser status",
            summary: """
                Whether the managed browser runs, and its DevTools address. browser_open starts it, \
                as does `portless browser start`.
                """,
        ) { _ in try BrowserControl(context).status().object ?? [:] }
    }

    private var screenshot: MCPTool {
        var tool = MCPTool(
            name: "browser_screenshot",
            title: "Browser screenshot",
            summary: "A picture of what the managed browser shows now, with its URL and title.",
        ) { _ in
            let shot = try get("screenshot")
            guard let size = shot["png"]?.string?.utf8.count, size <= Self.largestPicture else {
                throw Failure(
                    "The picture is too large.",
                    remedy: "Make the browser's window smaller, or read browser_accessibility.",
                )
            }
            return shot
        }
        tool.picture = "png"
        return tool
    }

    private var console: MCPTool {
        MCPTool(
            name: "browser_console",
            title: "Browser console",
            summary: """
                Errors and warnings that the page in the managed browser has written to its console \
                since it was loaded, uncaught exceptions and failed requests; oldest first.
                """,
        ) { _ in try get("console") }
    }

    private var accessibility: MCPTool {
        MCPTool(
            name: "browser_accessibility",
            title: "Browser accessibility tree",
            summary: """
                The page in the managed browser as a screen reader sees it: headings, links, buttons \
                and fields with names and states, as indented text. Cheaper than a screenshot.
                """,
        ) { _ in try get("accessibility") }
    }

    private var open: MCPTool {
        MCPTool(
            name: "browser_open",
            title: "Open a page in the browser",
            summary: """
                Opens a page in the managed browser, which is started if need be, and returns when \
                it is loaded. Takes an app's name or URL; other services of this machine are refused.
                """,
            parameters: [
                .init(
                    name: "page",
                    kind: .text,
                    summary: "An app's name such as shop, or a URL with http:// or https://.",
                    isRequired: true,
                )
            ],
            changes: true,
        ) { arguments in
            try BrowserControl(context).open(arguments.text("page") ?? "").object ?? [:]
        }
    }
}
