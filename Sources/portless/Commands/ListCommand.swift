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
        let network = try proxy.lanReach()
        let shares = (try? SharesStore(directory: context.stateDirectory()).live()) ?? []
        if json {
            let list = entries.map { Self.json(for: $0, proxy: proxy, shares, network) }
            context.console.print(JSONValue.array(list).formatted)
            return
        }
        let sleeping = try sleeping(besides: entries, context)
        guard !entries.isEmpty || !sleeping.isEmpty else {
            context.console.print("No active routes.")
            context.console.print("Start an app with: portless <name> <command…>")
            return
        }
        let own = entries.filter { $0.remote == nil }
        if !own.isEmpty { context.console.print("Active routes:") }
        for entry in own {
            let lines = Self.lines(
                for: entry,
                proxy: proxy,
                shares,
                network,
                context.console.style,
            )
            for line in lines { context.console.print(styled: line) }
        }
        let connected = try RemoteControl(context).statuses().filter { $0.state == .connected }
        for machine in Set(entries.compactMap(\.remote)).sorted() {
            let isConnected = connected.contains { $0.host.name == machine }
            let note = isConnected ? "" : " (not connected)"
            context.console.print("Mirrored from \(machine)\(note):")
            for entry in entries where entry.remote == machine {
                context.console.print(Self.line(forMirrored: entry, proxy: proxy))
            }
        }
        for name in sleeping {
            context.console.print("  \(proxy.url(for: name.hostname))  starts on request")
        }
    }

    /// The names without a route whose first request starts an app.
    private func sleeping(
        besides entries: [RouteEntry],
        _ context: CommandContext,
    ) throws -> [StartableName] {
        let routed = Set(entries.map { $0.hostname.lowercased() })
        return try context.stateDirectory().onRequestApps().names
            .filter { !routed.contains($0.hostname.description) }
    }

    static func line(forMirrored entry: RouteEntry, proxy: ProxyDescription) -> String {
        let url = Hostname(entry.hostname).map(proxy.url) ?? entry.hostname
        let remote = entry.route?.upstreamHost?.description ?? "?"
        return "  \(url)  ->  \(remote)"
    }

    /// The entry as it stands in the file, with the address that it is reached at.
    static func json(
        for entry: RouteEntry,
        proxy: ProxyDescription,
        _ shares: [ShareRecord] = [],
        _ network: LANReach? = nil,
    ) -> JSONValue {
        var object: JSONObject = [
            "url": .string(proxy.address(of: entry))
        ]
        for (key, value) in entry.json.members { object[key] = value }
        object["alias"] = .bool(entry.isAlias)
        let isInNetwork = network != nil && entry.isForLocalNetwork
        let reach = isInNetwork ? max(entry.reach, .lan) : entry.reach
        object["exposure"] = .string(reach.rawValue)
        object["shares"] = .array(entry.shares(of: shares).map(\.json))
        if let network { object["lan"] = network.json(of: entry) }
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

    /// What can be reached by everyone stands out on a terminal.
    static func lines(
        for entry: RouteEntry,
        proxy: ProxyDescription,
        _ shares: [ShareRecord] = [],
        _ network: LANReach? = nil,
        _ style: TextStyle = .plain,
    ) -> [StyledText] {
        let isTCP = entry.upstreamProtocol == .tcp
        let url = proxy.address(of: entry) + (isTCP ? " (TLS)" : "")
        let target = entry.route?.target(host: "localhost") ?? "localhost:?"
        let notes = [
            entry.route?.path?.isStripped == true ? "  path stripped" : "",
            entry.route?.isInsecure == true ? "  insecure: any certificate" : "",
        ].joined()
        var lines: [StyledText] = ["  \(url)  ->  \(target)  \(owner(of: entry))\(notes)"]
        if let line = network?.line(of: entry) { lines.append("    lan: \(line)") }
        for share in entry.shares(of: shares) {
            let words = "\(share.provider.rawValue): \(share.url)"
            lines.append(
                "    \(share.provider.reach == .public ? style.red(words) : StyledText(words))"
            )
            if let note = share.note { lines.append("      \(note)") }
        }
        return lines
    }
}
