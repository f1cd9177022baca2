import ArgumentParser
import HostSystem
import PortlessCore

/// The app of `portless demo`, run as any app is: it learns its port from `PORT`.
struct DemoAppCommand: ContextCommand {
    static let word = "__demo-app"
    static let configuration = CommandConfiguration(commandName: word, shouldDisplay: false)

    func run(_ context: CommandContext) throws {
        guard let port = context.environment["PORT"].flatMap({ Port($0) }) else {
            throw Failure(
                "The demo's app needs a port in PORT.",
                remedy: "It is started by: portless demo",
            )
        }
        try DemoServer.run(
            port: port.number,
            authority: DemoAuthority(environment: context.environment),
            processID: ProcessIdentity.current.pid,
        )
    }
}
