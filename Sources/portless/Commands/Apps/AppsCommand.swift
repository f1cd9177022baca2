import ArgumentParser
import PortlessCore
import Server
import SystemPackage

/// `portless apps`: the registered apps with their processes and ports.
struct AppsCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "apps",
        abstract: "Show the apps that are registered or were brought up, with processes and ports.",
        subcommands: [
            AppsAddCommand.self, AppsSetCommand.self, AppsShowCommand.self, AppsRemoveCommand.self,
        ],
    )

    @Flag(help: "Print the apps as JSON.")
    var json = false

    func run(_ context: CommandContext) throws {
        let apps = try KnownApps(context).catalog().apps
        if json {
            context.console.print(JSONValue.array(try KnownApps(context).json(of: apps)).formatted)
            return
        }
        guard !apps.isEmpty else {
            context.console.print("No apps are registered.")
            context.console.print("Add the project of this folder: portless apps add .")
            return
        }
        for app in apps {
            for line in Self.lines(of: app) { context.console.print(line) }
        }
    }

    /// The app's name, folder and state, then each process with its ports, as the original lists
    /// them.
    static func lines(of app: CatalogApp) -> [String] {
        let folder = app.registered?.directory ?? app.supervised?.directory
        let state = app.supervised.map { $0.state.title }
        let head = [app.name, folder?.string, state, app.supervised?.onRequest?.text]
            .compactMap(\.self).joined(separator: "  ")
        let supervised = app.supervised?.processes ?? []
        var processes = app.registered?.processes ?? []
        for process in supervised where !processes.contains(where: { $0.name == process.name }) {
            processes.append(DetectedProcess(name: process.name, ports: process.ports))
        }
        return [head] + processes.map { "  \($0.portText)" }
    }
}
