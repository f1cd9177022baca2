import ArgumentParser
import HostSystem
import Machine
import PortlessCore

/// `portless dns install`: the proxy answers DNS for its names, and this machine's resolver asks it.
struct DNSInstallCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "install",
        abstract: "Answer DNS for the names, and let this machine's resolver ask for them.",
        discussion: """
            Every program then finds the names, without the hosts file. The proxy answers on \
            loopback, and only for its own top-level names. Changing the resolver's files takes an \
            administrator.
            """,
    )

    @Option(name: [.short, .long], help: "The port to answer on (5562).")
    var port: String?

    // For the call under sudo by a command that has done the rest.
    @Flag(help: .hidden) var filesOnly = false

    func run(_ context: CommandContext) throws {
        let directory = try context.preparedStateDirectory()
        let port = try wantedPort(directory)
        if !filesOnly {
            guard SystemResolver(context).resolver != nil else {
                throw ResolverError.unknownResolver
            }
            _ = try ProxyControl(context).ensureRunning()
            guard try directory.proxyMarkers().tlds.contains(where: { $0 != .local }) else {
                throw ResolverError.nothingToAsk
            }
            if try directory.dnsPort() != port || DNSControl(context).holder(of: port) != .proxy {
                try refuseOthers(port, context)
                try directory.setDNSPort(port)
                _ = try ProxyControl(context).restart()
            }
            guard DNSControl(context).holder(of: port) == .proxy else {
                throw Failure(
                    "The proxy doesn't answer on port \(port).",
                    remedy: "See why: \(directory[.proxyLog])",
                )
            }
            context.console.say("-- The proxy answers DNS on 127.0.0.1, port \(port)")
        }
        try install(port, directory, context)
    }

    private func wantedPort(_ directory: StateDirectory) throws -> Port {
        guard let port else { return try directory.dnsPort() ?? ResolverFiles.usualPort }
        guard let number = Port(port), number >= 1024 else {
            throw Failure(
                "Invalid port \"\(port)\".",
                remedy: "It is a number from 1024 to 65535, such as -p \(ResolverFiles.usualPort).",
            )
        }
        return number
    }

    private func refuseOthers(_ port: Port, _ context: CommandContext) throws {
        guard case .other(let holder) = DNSControl(context).holder(of: port) else { return }
        throw Failure(
            "\(holder) listens on port \(port).",
            remedy: "End it, or choose another port with -p.",
        )
    }

    private func install(
        _ port: Port,
        _ directory: StateDirectory,
        _ context: CommandContext,
    ) throws {
        let tlds = try directory.proxyMarkers().tlds
        let names = tlds.filter { $0 != .local }.map { ".\($0)" }.joined(separator: ", ")
        do {
            let resolver = SystemResolver(context)
            let isChanged = try waiting { () async throws(ResolverError) in
                try await resolver.install(tlds: tlds, port: port)
            }
            let name = resolver.resolver?.rawValue ?? "The resolver"
            context.console.print(
                isChanged
                    ? "\(name) asks Portless for \(names) from now on."
                    : "\(name) already asks Portless for \(names)."
            )
        } catch let error as ResolverError {
            let arguments = ["dns", "install", "--files-only", "--port", port.description]
            guard error.needsRoot, !filesOnly,
                let code = try Elevation(context: context).runAnnounced(arguments)
            else { throw error }
            throw ExitCode(code)
        }
    }
}
