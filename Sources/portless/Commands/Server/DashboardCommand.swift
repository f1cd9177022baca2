import ArgumentParser
import HostSystem
import Logging
import Machine
import PortlessCore
import Server
import SystemPackage

/// `portless dashboard`: the server's page in the browser, signed in.
struct DashboardCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "dashboard",
        abstract: "Open the dashboard in the browser, signed in.",
        discussion: """
            The link works once, within two minutes. --dev serves the page's own sources from a \
            folder on port 5554, for work on the dashboard itself.
            """,
    )

    @Flag(help: "Only print the link.")
    var noOpen = false

    @Flag(help: "Serve the page's sources in <folder> on port 5554 until Ctrl-C.")
    var dev = false

    @Option(help: "The port of --dev.")
    var port = DashboardDevelopment.standardPort.rawValue

    @Argument(help: "The folder of the sources, with --dev; Dashboard unless given.")
    var folder: String?

    func validate() throws {
        guard folder == nil || dev else {
            throw ValidationError("A folder is for --dev only.")
        }
    }

    func run(_ context: CommandContext) throws {
        let client = try ServerControl(context).client()
        guard !dev else {
            try develop(context, client)
            return
        }
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

    private func develop(_ context: CommandContext, _ client: APIClient) throws {
        let folder = context.workingDirectory.pushing(FilePath(folder ?? "Dashboard"))
        guard (try? FileStatus.of(folder.appending("index.html"))) != nil else {
            throw Failure(
                "There is no index.html in \(folder).",
                remedy: "Name the folder of the sources: portless dashboard --dev <folder>",
            )
        }
        guard let path = try client.post("/api/session/link")["path"]?.string else {
            throw Failure("The server made no link.", remedy: "Try again.")
        }
        guard let port = Port(rawValue: port) else {
            throw Failure("Port 0 is no port.", remedy: "Give one from 1024 to 65535.")
        }
        if let holder = context.holder(port) {
            throw Failure(
                "Port \(port) is held by \(holder).",
                remedy: "End it: portless ports kill \(port)",
            )
        }
        let directory = try context.stateDirectory()
        let development = DashboardDevelopment(
            folder: folder,
            port: port,
            logger: Logger(label: "portless") { _ in SwiftLogNoOpLogHandler() },
            server: {
                guard let record = try directory.serverRecord() else {
                    throw Failure(
                        "The server isn't running.",
                        remedy: "Start it: portless server start",
                    )
                }
                return record.socket
            },
        )
        let console = context.console
        try waiting {
            try await development.run {
                console.print("http://localhost:\(port)\(path)")
                console.say("Serving \(folder). Ctrl-C ends it.")
            }
        }
    }

    /// The server's own name where the proxy serves it, because a cookie of plain `localhost` goes
    /// to the apps on all its ports.
    private func origin(_ record: ServerRecord, _ context: CommandContext) throws -> String {
        let proxy = try context.describeProxy()
        let names = try AppName(parsing: "portless").hostnames(under: proxy.tlds)
        let routed = try context.routes().list().filter {
            $0.pid == record.process.pid && $0.container == nil
        }
        if proxy.isRunning, let name = names.first,
            routed.contains(where: { $0.hostname == name.description })
        {
            return proxy.url(for: name)
        }
        return record.localURL
    }
}
