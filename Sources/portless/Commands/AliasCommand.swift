import ArgumentParser
import HostSystem
import PortlessCore
import SystemPackage

/// `portless alias`: a name for something that is run by others, such as a container.
struct AliasCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "alias",
        abstract: "Name a port that something else listens on.",
        usage: """
            portless alias <name> <port> [--path <path>] [--force] [--h2c|--tcp]
            portless alias <name> https://localhost:<port> [--insecure]
            portless alias <name> unix:<path of a socket> [--h2c]
            portless alias --remove <name> [--path <path>]
            """,
    )

    @Flag(help: "Take the name over from the app that has it.")
    var force = false

    @Flag(help: "The port speaks HTTP/2 without TLS, as gRPC servers do.")
    var h2c = false

    @Flag(help: "The port speaks a protocol of its own, as databases do.")
    var tcp = false
    @Flag(help: "The port speaks HTTPS, as with https://localhost:<port>.")
    var httpsUpstream = false

    @Flag(help: "Take any certificate of an upstream that speaks HTTPS.")
    var insecure = false

    @Option(help: "Only these paths of the name, such as /api.")
    var path: String?

    @Flag(help: "Leave that path out of what is passed on.")
    var stripPath = false

    @Flag(help: "Take the name back.")
    var remove = false

    @Argument(help: "Such as db or api.shop.")
    var name: String?

    @Argument(help: "What the name leads to.")
    var port: String?

    func run(_ context: CommandContext) throws {
        let path = try PathFlags(prefix: path, isStripped: stripPath).path([:])
        if remove {
            guard let name, port == nil else {
                throw Failure(
                    name == nil ? "No alias name." : "An alias is removed by its name alone.",
                    remedy: "Usage: portless alias --remove <name>",
                )
            }
            return try remove(name, path, context)
        }
        guard let name, let port else {
            throw Failure("Missing arguments.", remedy: "Usage: portless alias <name> <port>")
        }
        guard [h2c, tcp, httpsUpstream].count(where: { $0 }) <= 1 else {
            throw Failure(
                "--h2c, --tcp and --https-upstream exclude each other.",
                remedy: "--h2c is for gRPC servers, --tcp for databases.",
            )
        }
        let target = try AliasTarget(argument: port, resolve: context.resolve)
        var names = RouteNames(path: path)
        names.upstreamProtocol = try upstreamProtocol(of: target)
        try add(name, names, leadingTo: target.place, context)
    }

    private func upstreamProtocol(of target: AliasTarget) throws -> Route.UpstreamProtocol {
        var flags = UpstreamFlags(isHTTPS: httpsUpstream, isInsecure: insecure)
        if target.tls != nil { flags.isHTTPS = true }
        let chosen = try flags.chosen()
        guard case .https(var tls) = chosen else {
            guard !tcp || path == nil, case .port = target.place else {
                if !tcp { return h2c ? .h2c : .http1 }
                throw Failure(
                    "--tcp goes with a port, and without --path.",
                    remedy: "For example: portless alias db 5432 --tcp",
                )
            }
            return tcp ? .tcp : h2c ? .h2c : .http1
        }
        guard case .port = target.place, !h2c, !tcp else {
            throw Failure(
                "HTTPS goes with a port, and without --h2c and --tcp.",
                remedy: "For example: portless alias name https://localhost:8443",
            )
        }
        if let own = target.tls { tls.serverName = own.serverName }
        return .https(tls)
    }

    private func add(
        _ text: String,
        _ wanted: RouteNames,
        leadingTo place: Route.Place,
        _ context: CommandContext,
    ) throws {
        let proxy = try context.describeProxy()
        let name = try AppName(parsing: text)
        var names = wanted
        names.own = try name.hostnames(under: proxy.tlds)
        context.warnOfLength(of: name, under: proxy.tlds)
        let routes = try context.routes()
        try refuseSupervised(names, context)
        let displaced = try offeringForce {
            switch place {
            case .port(let port):
                try routes.register(names, owner: .alias, force: force) { _ in port }.displaced
            case .socket(let socket):
                try routes.registerAlias(
                    names,
                    socket: try checked(socket, context),
                    force: force,
                )
            }
        }
        DisplacedApps(processes: displaced, context: context).terminate()
        HostsSync(routes, context).refresh()
        for hostname in names.own {
            let route = Route(
                hostname: hostname,
                path: names.path,
                at: place,
                owner: .alias,
                upstreamProtocol: names.upstreamProtocol,
            )
            let own = "\(hostname)\(names.path?.prefix ?? "")"
            context.console.print(
                "Alias registered: \(own) -> \(route.target(host: "127.0.0.1"))"
            )
            let address = proxy.address(of: route) + (tcp ? ", with TLS" : "")
            context.console.print("\(address)  ->  \(route.target(host: "localhost"))")
        }
        if tcp, case .port(let port) = place, Self.greetsAsMySQL(port) {
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

    /// The socket; refuses our own, and warns of what the user may not expect.
    private func checked(_ socket: FilePath, _ context: CommandContext) throws -> FilePath {
        guard !socket.starts(with: try context.stateDirectory().path) else {
            throw Failure(
                "\(socket) is a socket of Portless itself.",
                remedy: "The server has a name already: portless.localhost",
            )
        }
        guard let status = try FileStatus.of(socket) else {
            context.console.warn("There is no socket \(socket) yet.")
            return socket
        }
        if status.owner.uid != UserAccount.effectiveID {
            context.console.warn(
                "\(socket) belongs to another user (UID \(status.owner.uid)), who sees what is sent."
            )
        }
        return socket
    }

    private func remove(_ text: String, _ path: RoutePath?, _ context: CommandContext) throws {
        let proxy = try context.describeProxy()
        let hostnames = try AppName(parsing: text).hostnames(under: proxy.tlds)
        let routes = try context.routes()
        let removed = try routes.remove(
            hostnames,
            path == nil ? .all : .only(path),
            ownedBy: .alias,
        )
        guard !removed.isEmpty else {
            throw Failure(
                "No alias found for \"\(text)\(path?.prefix ?? "")\".",
                remedy: "`portless list` shows the names in use.",
            )
        }
        HostsSync(routes, context).refresh()
        for entry in removed {
            context.console.print("Removed alias: \(entry.hostname)\(entry.pathPrefix)")
        }
    }
}
