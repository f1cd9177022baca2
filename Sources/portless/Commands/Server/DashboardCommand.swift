import ArgumentParser
import HostSystem
import Machine
import PortlessCore

/// `portless dashboard`: the server's page in the browser, signed in.
struct DashboardCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "dashboard",
        abstract: "Open the dashboard in the browser, signed in.",
        discussion: "The link works once, within two minutes.",
    )

    @Flag(help: "Only print the link.")
    var noOpen = false

    func run(_ context: CommandContext) throws {
        let client = try ServerControl(context).client()
        guard let path = try client.post("/api/session/link")["path"]?.string else {
            throw Failure("The server made no link.", remedy: "Try again.")
        }
        let url = try origin(client.record, context) + path
        context.console.print(url)
        guard !noOpen, context.isInteractive else { return }
        let runner = context.runner
        guard let opener = ["xdg-open", "open"].first(where: runner.has) else { return }
        let result = try waiting { try await runner.run(Command(opener, [url])) }
        if !result.isSuccess {
            context.console.warn("\(opener) can't open it: \(result.complaint).")
        }
    }

    /// The server's own name where the proxy serves it, because a cookie of plain `localhost` goes
    /// to the apps on all its ports.
    private func origin(_ record: ServerRecord, _ context: CommandContext) throws -> String {
        let proxy = try context.describeProxy()
        let names = try AppName(parsing: "portless").hostnames(under: proxy.tlds)
        let routed = try context.routes().list().filter { $0.pid == record.process.pid }
        if proxy.isRunning, let name = names.first,
            routed.contains(where: { $0.hostname == name.description })
        {
            return proxy.url(for: name)
        }
        return record.localURL
    }
}
