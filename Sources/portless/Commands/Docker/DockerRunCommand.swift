import ArgumentParser
import HostSystem
import PortlessCore
import SystemPackage

/// `portless docker run [<name>] -- <arguments of docker run…>`.
struct DockerRunCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a container that finds the names and trusts their certificates.",
        discussion: """
            What follows -- goes to `docker run` as it is: portless docker run web --port 80 -- nginx. \
            Podman is used where there is no docker, or where PORTLESS_DOCKER says podman.
            """,
    )

    @Option(help: "The port inside that the name leads to; a free port of this machine goes there.")
    var port: String?

    @Argument(help: "The container's name under .localhost.")
    var name: String?

    @Argument(parsing: .postTerminator, help: "What goes to `docker run`, after --.")
    var arguments: [String] = []

    func run(_ context: CommandContext) throws {
        guard !arguments.isEmpty else {
            throw Failure(
                "There is no image to run.",
                remedy: "Usage: portless docker run [<name>] [--port <port>] -- <image>",
            )
        }
        let port = try port.map { try Port(argument: $0) }
        let name = try name.map { try AppName(parsing: $0) }
        let tool = try ContainerTool(context)
        let reach = try tool.reach(of: [name].compactMap(\.self))
        try tool.replaceThisProcess(
            DockerRunArguments.make(name: name, port: port, reach: reach, user: arguments)
        )
    }
}

/// `portless docker compose <arguments of docker compose…>`.
struct DockerComposeCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "compose",
        abstract: "Run Compose with containers that find the names and trust their certificates.",
        discussion: """
            The arguments go to `docker compose` as they are. A file that is laid over the project's \
            own gives each service the names, the authority and its variables, and a free port where \
            something else has the one that it publishes.
            """,
    )

    @Argument(parsing: .captureForPassthrough, help: "What goes to `docker compose`.")
    var arguments: [String] = []

    func run(_ context: CommandContext) throws {
        let call = ComposeArguments(
            arguments.first == "--" ? Array(arguments.dropFirst()) : arguments
        )
        let tool = try ContainerTool(context)
        guard call.createsContainers else {
            try tool.replaceThisProcess(["compose"] + call.flags + call.rest)
        }
        let found = ComposeFiles.find(
            in: context.workingDirectory,
            environment: context.environment,
            exists: { (try? FileStatus.of($0)) != nil },
        )
        let project = try tool.project(call)
        let reach = try tool.reach(of: project.names)
        let own = ContainersFile.read(from: try context.stateDirectory())?.holders ?? [:]
        let override = ComposeOverride(of: project, reach: reach) { port in
            // Its own containers give way to their successors.
            own[port] == nil && !context.isFree(port)
        }
        for (service, port) in override.moved {
            let holder = context.holder(port) ?? "Something else"
            context.console.warn(
                "\(holder) has port \(port), so \(service) gets a free one; its name leads there."
            )
        }
        let file = try tool.write(override, of: project)
        try tool.replaceThisProcess(call.adding(file, found: found))
    }
}
