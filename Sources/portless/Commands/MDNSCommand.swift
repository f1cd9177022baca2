import ArgumentParser
import HostSystem
import Machine
import PortlessCore
import Runner
import SystemPackage

/// The process that publishes the names of a proxy in LAN mode; started by the proxy only.
struct MDNSCommand: ContextCommand {
    static let word = "__mdns"
    static let configuration = CommandConfiguration(commandName: word, shouldDisplay: false)

    /// The proxy's.
    @Option var port: String
    /// Nil: whatever address the machine has in its network.
    @Option var address: String?

    func run(_ context: CommandContext) throws {
        let directory = try context.stateDirectory()
        let (port, tool) = (try Port(argument: port), MDNSTool.current)
        let pinned = address.flatMap { IPAddress($0) }
        let guardian = try context.startGuardian(context, directory)
        defer { guardian?.finish() }
        let routes = RoutesFile(directory: directory) { context.console.warn($0) }
        var publisher = MDNSPublisher(
            MDNSPublisher.Configuration(
                command: { name, address in
                    ProgramSearch.find(tool.program, path: context.environment["PATH"])
                        .map { ($0, tool.arguments(name: name, address: address, port: port)) }
                },
                established: { tool.established($0, wanted: $1) },
                environment: context.environment,
                names: { Self.names(in: routes) },
                address: { pinned ?? context.lanAddress() },
                report: { status in
                    do {
                        try directory.write(status)
                    } catch {
                        context.console.warn("\(error)")
                    }
                },
                guardian: guardian,
                missing: "\(tool.program) not found.",
            )
        )
        try publisher.run(until: .standardInput)
    }

    /// Those of live apps that the local network is to know, in their order.
    private static func names(in file: RoutesFile) -> [Hostname] {
        for owner in Set(file.current().routes.map(\.owner)) { file.forgetIfEnded(owner) }
        var seen: Set<Hostname> = []
        return file.current().routes.filter { $0.upstreamProtocol != .tcp }.map(\.hostname)
            .filter { $0.isInLocalNetwork && seen.insert($0).inserted }
    }
}
