import HostSystem
package import PortlessCore
import Synchronization

/// The errors and warnings that a page has written to its console since it was loaded, and the
/// requests that failed: the browser keeps them, and repeats them for a client that asks.
struct BrowserConsole {
    private static let mostEntries = 200
    private static let longestText = 2000

    private var entries: [JSONValue] = []
    private var leftOut = 0

    mutating func take(_ event: DevToolsEvent) {
        guard let entry = Self.entry(of: event) else { return }
        entries.append(entry)
        // The last ones tell most.
        if entries.count > Self.mostEntries {
            entries.removeFirst()
            leftOut += 1
        }
    }

    /// In the order of time: the browser repeats each kind apart.
    var json: JSONObject {
        let sorted = entries.sorted {
            ($0["time"]?.integer ?? 0) < ($1["time"]?.integer ?? 0)
        }
        return ["entries": .array(sorted), "leftOut": .integer(leftOut)]
    }

    private static func entry(of event: DevToolsEvent) -> JSONValue? {
        let parameters = event.parameters
        switch event.method {
        case "Log.entryAdded":
            guard let entry = parameters["entry"], let level = entry["level"]?.string,
                ["error", "warning"].contains(level)
            else { return nil }
            return object(
                kind: entry["source"]?.string == "network" ? "request" : "log",
                level: level,
                text: entry["text"]?.string ?? "",
                url: entry["url"],
                line: entry["lineNumber"],
                time: entry["timestamp"],
            )
        case "Runtime.consoleAPICalled":
            guard let type = parameters["type"]?.string,
                ["error", "warning", "assert"].contains(type)
            else { return nil }
            let frame = parameters["stackTrace"]?["callFrames"]?.array?.first
            return object(
                kind: "console",
                level: type == "warning" ? "warning" : "error",
                text: (parameters["args"]?.array ?? []).map(Self.text).joined(separator: " "),
                url: frame?["url"],
                line: frame?["lineNumber"],
                time: parameters["timestamp"],
            )
        case "Runtime.exceptionThrown":
            guard let details = parameters["exceptionDetails"] else { return nil }
            return object(
                kind: "exception",
                level: "error",
                text: details["exception"]?["description"]?.string
                    ?? details["text"]?.string ?? "",
                url: details["url"],
                line: details["lineNumber"],
                time: parameters["timestamp"],
            )
        default: return nil
        }
    }

    private static func text(_ argument: JSONValue) -> String {
        switch argument["value"] {
        case .string(let text)?: text
        case .some(.null), nil:
            argument["description"]?.string ?? "\(argument["type"]?.string ?? "")"
        case let value?: value.compact
        }
    }

    private static func object(
        kind: String,
        level: String,
        text: String,
        url: JSONValue?,
        line: JSONValue?,
        time: JSONValue?,
    ) -> JSONValue {
        let cut = text.count > longestText ? "\(text.prefix(longestText))… (cut)" : text
        let milliseconds = time?.decimal.flatMap { Int64(exactly: $0.rounded()) }
        return .object([
            "kind": .string(kind), "level": .string(level), "text": .string(cut),
            "url": url?.string.map { .string(String($0.prefix(2000))) } ?? .null,
            // The protocol counts lines from 0.
            "line": line?.integer.map { .integer($0.saturatingAdd(1)) } ?? .null,
            "time": milliseconds.map { .integer($0) } ?? .null,
        ])
    }
}

extension DevToolsEndpoint {
    /// The console of the first tab, with `url` and `title`.
    package func console() async throws -> JSONObject {
        let collected = Collected()
        return try await connected(
            taking: { event, _ in
                collected.console.withLock { $0.take(event) }
            },
            perform: { connection in
                let page = try await BrowserPage.first(of: connection)
                // What there was is repeated before the answers.
                _ = try await page.call("Log.enable")
                _ = try await page.call("Runtime.enable")
                var result = try await page.description()
                for (key, value) in collected.console.withLock(\.json).members {
                    result[key] = value
                }
                return result
            },
        )
    }
}

/// Events come on the event loop, while the caller waits for the answers.
private final class Collected: Sendable {
    let console = Mutex(BrowserConsole())
}
