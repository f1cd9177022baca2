import ArgumentParser
import HostSystem
import PortlessCore

/// `portless docker watch on|off|status`: names for the published ports of running containers.
struct DockerWatchCommand: ContextCommand {
    enum Action: String, CaseIterable, ExpressibleByArgument {
        case on, off, status
    }

    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Give the published ports of running containers names.",
        discussion: """
            The server then reads which containers run, from the socket of Docker or Podman: \
            `web` of the Compose project `shop` is web.shop.localhost, another container has its own \
            name. The labels \(Container.nameLabel) and \(Container.portLabel) say it otherwise. An \
            app of the same name comes first.
            """,
    )

    @Argument(help: "on, off or status.")
    var action = Action.status

    @Flag(help: "Print the containers as JSON.")
    var json = false

    func run(_ context: CommandContext) throws {
        switch action {
        case .on:
            let endpoint = try ContainerEngine(context).endpoint()
            try ContainerEngine(context).watch()
            context.console.print("Containers of \(endpoint.description) get names from now on.")
        case .off:
            let directory = try context.preparedStateDirectory()
            try ContainerSettings(isWatching: false).write(to: directory)
            context.console.print("Containers get no names any more.")
        case .status:
            try show(context)
        }
    }

    private func show(_ context: CommandContext) throws {
        let directory = try context.stateDirectory()
        let isOn = ContainerSettings.read(from: directory).isWatching == true
        let file = isOn ? ContainersFile.read(from: directory) : nil
        guard !json else {
            let object: JSONObject = [
                "watching": .bool(isOn),
                "engine": file?.engine.map { .string($0) } ?? .null,
                "problem": file?.problem.map { .string($0) } ?? .null,
                "containers": .array((file?.containers ?? []).map(\.json)),
            ]
            return context.console.print(JSONValue.object(object).formatted)
        }
        guard isOn else {
            return context.console.print(
                "Containers get no names. To give them some: portless docker watch on"
            )
        }
        guard let file else {
            return context.console.print(
                "Containers get names while the server runs: portless server start"
            )
        }
        if let problem = file.problem {
            context.console.print("Containers can't be seen: \(problem.visibleLine)")
        } else if let engine = file.engine {
            context.console.print("Containers of \(engine) get names.")
        }
        let rows = file.containers.map { container in
            [
                container.name.visibleLine, Self.ports(of: container),
                container.hostnames.joined(separator: ", "), container.problem?.visibleLine ?? "",
            ]
        }
        guard !rows.isEmpty else { return }
        context.console.print(
            TextTable(header: ["CONTAINER", "PORTS", "NAMES", "NOTE"], rows: rows).text
        )
    }

    private static func ports(of container: ContainersFile.Entry) -> String {
        var seen: [String] = []
        for port in container.ports {
            // An address of the network is worth a word, loopback is not.
            let address = port.isExposed ? "\(port.address.nilIfEmpty ?? "*"):" : ""
            let text = "\(address)\(port.port)→\(port.inner)".visibleLine
            if !seen.contains(text) { seen.append(text) }
        }
        return seen.joined(separator: ", ")
    }
}

/// The engine of this machine, as commands see it.
struct ContainerEngine {
    let context: CommandContext

    init(_ context: CommandContext) {
        self.context = context
    }

    func endpoint() throws -> EngineEndpoint {
        switch EngineSearch.live(environment: context.environment).find() {
        case .endpoint(let endpoint): return endpoint
        case .none(let reason):
            throw Failure(
                reason,
                remedy:
                    "Start Docker or Podman (`systemctl --user start podman.socket`), or set DOCKER_HOST.",
            )
        }
    }

    /// Has the server give containers names, and starts it if none runs.
    func watch() throws {
        let directory = try context.preparedStateDirectory()
        let host = context.environment["DOCKER_HOST"]?.nilIfEmpty
        let settings = ContainerSettings(isWatching: true, host: host)
        if ContainerSettings.read(from: directory) != settings {
            try settings.write(to: directory)
        }
        _ = try ServerControl(context).ensureRunning()
    }
}
