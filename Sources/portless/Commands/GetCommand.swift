import ArgumentParser
import HostSystem
import PortlessCore

/// `portless get`: an app's URL, for scripts and for other apps.
struct GetCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Print an app's URL.",
        discussion: "In a linked git worktree the name gets the branch's prefix, as in a run.",
    )

    @Flag(help: "Leave out the worktree's prefix.")
    var noWorktree = false

    @Flag(help: "Print its addresses beyond this machine instead, a line each.")
    var shared = false

    @Flag(help: "Print it with its host name, and what it leads to now, as JSON.")
    var json = false

    @Option(help: "The app that has this path of the name.")
    var path: String?

    @Argument(help: "The app's name.")
    var name: String?

    // The original ignores what follows the name.
    @Argument(help: .hidden) var ignored: [String] = []

    func run(_ context: CommandContext) throws {
        guard let text = name else {
            throw Failure("Missing service name.", remedy: "Usage: portless get <name>")
        }
        let prefix = noWorktree ? nil : context.project.worktreePrefix
        let proxy = try context.describeProxy()
        let name = try AppName(parsing: text).prefixed(by: prefix)
        let path = try PathFlags(prefix: path).path([:])
        for hostname in try name.hostnames(under: proxy.tlds).prefix(1) {
            let entry = try context.routes().list()
                .first { PathSelection.only(path).picks($0, of: hostname) }
            if shared, !json {
                try printAddresses(of: entry, text, context)
                continue
            }
            let url = entry.map(proxy.address(of:)) ?? proxy.url(for: hostname, path)
            guard json else {
                context.console.print(url)
                continue
            }
            context.console.print(Self.json(name, hostname, url, entry).formatted)
        }
    }

    private func printAddresses(
        of entry: RouteEntry?,
        _ name: String,
        _ context: CommandContext,
    ) throws {
        guard let addresses = entry?.addresses, !addresses.isEmpty else {
            throw Failure(
                "\"\(name)\" isn't shared.",
                remedy: "Share it with: portless share \(name)",
            )
        }
        for address in addresses { context.console.print(address.url) }
    }

    private static func json(
        _ name: AppName,
        _ hostname: Hostname,
        _ url: String,
        _ entry: RouteEntry?,
    ) -> JSONValue {
        let pid = entry.flatMap { $0.isAlias || $0.container != nil ? nil : $0.pid }
        var object: JSONObject = [
            "name": .string(name.description), "hostname": .string(hostname.description),
            "url": .string(url), "running": .bool(entry != nil),
            "port": entry?.port.map { .integer($0.number) } ?? .null,
            "pid": pid.map { .integer($0) } ?? .null,
            "alias": .bool(entry?.isAlias ?? false),
            "exposure": .string((entry?.reach ?? .loopback).rawValue),
            "shared": .array((entry?.addresses ?? []).map { .string($0.url) }),
        ]
        object["container"] = entry?.container.map { .string($0) }
        return .object(object)
    }
}
