import ArgumentParser
import HostSystem
import PortlessCore

/// `portless alias`: a name for something that is run by others, such as a container.
struct AliasCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "alias",
        abstract: "Name a port that something else listens on.",
        usage:
            "portless alias <name> <port> [--force] [--h2c|--tcp]\n       portless alias --remove <name>",
    )

    @Flag(help: "Take the name over from the app that has it.")
    var force = false

    @Flag(help: "The port speaks HTTP/2 without TLS, as gRPC servers do.")
    var h2c = false

    @Flag(help: "The port speaks a protocol of its own, as databases do.")
    var tcp = false

    @Flag(help: "Take the name back.")
    var remove = false

    @Argument(help: "Such as db or api.shop.")
    var name: String?

    @Argument(help: "What the name leads to.")
    var port: String?

    func run(_ context: CommandContext) throws {
        if remove {
            guard let name, port == nil else {
                throw Failure(
                    name == nil ? "No alias name." : "An alias is removed by its name alone.",
                    remedy: "Usage: portless alias --remove <name>",
                )
            }
            return try remove(name, context)
        }
        guard let name, let port else {
            throw Failure("Missing arguments.", remedy: "Usage: portless alias <name> <port>")
        }
        guard !(h2c && tcp) else {
            throw Failure(
                "--h2c and --tcp exclude each other.",
                remedy: "--h2c is for gRPC servers, --tcp for databases.",
            )
        }
        try add(name, leadingTo: Port(argument: port), context)
    }

    private func add(
        _ text: String,
        leadingTo port: Port,
        _ context: CommandContext,
    ) throws {
        let proxy = try context.describeProxy()
        let name = try AppName(parsing: text)
        let hostnames = try name.hostnames(under: proxy.tlds)
        context.warnOfLength(of: name, under: proxy.tlds)
        let routes = try context.routes()
        try refuseSupervised(hostnames, context)
        let registration = try offeringForce {
            try routes.register(
                hostnames,
                owner: .alias,
                upstreamProtocol: tcp ? .tcp : h2c ? .h2c : .http1,
                force: force,
                choosingPort: { _ in port },
            )
        }
        DisplacedApps(processes: registration.displaced, context: context).terminate()
        HostsSync(routes, context).refresh()
        for hostname in hostnames {
            context.console.print("Alias registered: \(hostname) -> 127.0.0.1:\(port)")
            guard tcp else {
                context.console.print("\(proxy.url(for: hostname))  ->  localhost:\(port)")
                continue
            }
            context.console.print("\(hostname):\(proxy.port), with TLS  ->  localhost:\(port)")
        }
        if tcp, Self.greetsAsMySQL(port) {
            context.console.warn(
                "MySQL's server speaks before its client could tell a name, so clients of MySQL "
                    + "still connect to 127.0.0.1:\(port)."
            )
        }
    }

    /// Whether a server of MySQL or MariaDB listens there: its first packet has number 0 and tells
    /// version 10 of the protocol ("Protocol::HandshakeV10" in MySQL's documentation).
    private static func greetsAsMySQL(_ port: Port) -> Bool {
        LoopbackExchange.greeting(port: port.rawValue, limitInMilliseconds: 200)?
            .utf8.dropFirst(3).starts(with: [0, 10]) ?? false
    }

    private func remove(_ text: String, _ context: CommandContext) throws {
        let proxy = try context.describeProxy()
        let hostnames = try AppName(parsing: text).hostnames(under: proxy.tlds)
        let routes = try context.routes()
        let removed = try routes.remove(hostnames, ownedBy: .alias)
        guard !removed.isEmpty else {
            throw Failure(
                "No alias found for \"\(text)\".",
                remedy: "`portless list` shows the names in use.",
            )
        }
        HostsSync(routes, context).refresh()
        for entry in removed { context.console.print("Removed alias: \(entry.hostname)") }
    }
}
