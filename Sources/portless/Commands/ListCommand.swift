import ArgumentParser
import PortlessCore

/// `portless list`: what runs where.
struct ListCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show what runs where.",
    )

    @Flag(help: "Print the routes as JSON.")
    var json = false

    func run(_ context: CommandContext) throws {
        let proxy = try context.describeProxy()
        let entries = try context.routes().list()
        if json {
            let list = entries.map { Self.json(for: $0, proxy: proxy) }
            context.console.print(JSONValue.array(list).formatted)
            return
        }
        guard !entries.isEmpty else {
            context.console.print("No active routes.")
            context.console.print("Start an app with: portless <name> <command…>")
            return
        }
        context.console.print("Active routes:")
        for entry in entries {
            for line in Self.lines(for: entry, proxy: proxy) { context.console.print(line) }
        }
    }

    /// The entry as it stands in the file, with the address that it is reached at.
    static func json(for entry: RouteEntry, proxy: ProxyDescription) -> JSONValue {
        var object: JSONObject = [
            "url": .string(proxy.address(of: entry))
        ]
        for (key, value) in entry.json.members { object[key] = value }
        object["alias"] = .bool(entry.isAlias)
        return .object(object)
    }

    private static func owner(of entry: RouteEntry) -> String {
        if let container = entry.container {
            let exposure = entry.exposedAddress.map { ", open to the network at \($0)" } ?? ""
            return "(container \(container)\(exposure))"
        }
        guard !entry.isAlias else { return "(alias)" }
        return entry.isElsewhere
            ? "(pid \(entry.pid) in another container)" : "(pid \(entry.pid))"
    }

    static func lines(for entry: RouteEntry, proxy: ProxyDescription) -> [String] {
        let isTCP = entry.upstreamProtocol == .tcp
        let url = proxy.address(of: entry) + (isTCP ? " (TLS)" : "")
        let port = entry.port.map(\.description) ?? "?"
        let owner = owner(of: entry)
        var lines = ["  \(url)  ->  localhost:\(port)  \(owner)"]
        if let shared = entry.tailscaleURL {
            lines.append("    \(entry.isFunnel ? "funnel" : "tailscale"): \(shared)")
        }
        if let shared = entry.ngrokURL { lines.append("    ngrok: \(shared)") }
        return lines
    }
}
