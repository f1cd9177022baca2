import ArgumentParser
import HostSystem
import PortlessCore

/// `portless docker bridge on|off|status`: whether containers on Linux reach the proxy.
struct DockerBridgeCommand: ContextCommand {
    typealias Action = DockerWatchCommand.Action

    static let configuration = CommandConfiguration(
        commandName: "bridge",
        abstract: "Let the proxy serve this machine's containers, too (Linux).",
        discussion: """
            It then also listens on the address of the engine's bridge, such as 172.17.0.1, and \
            accepts only containers there. `docker run` and `docker compose` switch it on.
            """,
    )

    @Argument(help: "on, off or status.")
    var action = Action.status

    func run(_ context: CommandContext) throws {
        let bridge = ContainerBridge(context)
        switch action {
        case .on:
            let endpoint = try ContainerEngine(context).endpoint()
            guard !endpoint.isVirtualMachine else {
                return context.console.print(
                    "Containers of a virtual machine reach the proxy without that."
                )
            }
            guard let address = try bridge.address(of: endpoint) else {
                throw Failure(
                    "\(endpoint.description) has no bridge.",
                    remedy: "docs/containers.md says what rootless engines need.",
                )
            }
            try bridge.open(address, try ProxyControl(context).ensureRunning())
            context.console.print("Containers reach the proxy at \(address).")
        case .off:
            try bridge.close()
            context.console.print("Containers don't reach the proxy.")
        case .status:
            let proxy = try context.describeProxy()
            guard let address = try context.stateDirectory().containerBridge?.address else {
                return context.console.print(
                    "Containers don't reach the proxy. To let them: portless docker bridge on"
                )
            }
            context.console.print(
                proxy.isRunning && bridge.isOpen(address, proxy)
                    ? "Containers reach the proxy at \(address)."
                    : "Containers reach the proxy at \(address) once it runs: portless proxy start"
            )
        }
    }
}
