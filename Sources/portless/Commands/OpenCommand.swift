import ArgumentParser
import Machine
import PortlessCore
import Projects

/// `portless open [name]`: an app in the browser.
struct OpenCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "open",
        abstract: "Open an app in the browser: the named one, this project's, or the only one.",
    )

    @Argument(help: "The app's name.")
    var name: String?

    func run(_ context: CommandContext) throws {
        let proxy = try context.describeProxy()
        let routes = try context.routes().list().compactMap(\.route)
        // The apps of one host, each on a path of its own, are opened by the host.
        let routed = Set(routes.map(\.hostname)).sorted { $0.description < $1.description }
        let hostname = try Self.choose(
            name,
            routed: routed,
            proxy: proxy,
            project: try? NameInference.infer(in: context.workingDirectory).name,
            prefix: context.project.worktreePrefix,
        )
        let own = routes.filter { $0.hostname == hostname }
        let url = proxy.url(for: hostname, own.contains { $0.path == nil } ? nil : own.first?.path)
        let runner = context.runner
        let opener = ["xdg-open", "open"].first(where: runner.has)
        guard let opener else {
            context.console.print(url)
            return
        }
        let result = try waiting { try await runner.run(Command(opener, [url])) }
        guard result.isSuccess else {
            throw Failure(
                "\(opener) can't open \(url): \(result.complaint).",
                remedy: "Open it yourself.",
            )
        }
        context.console.print(url)
    }

    /// The host name meant by `text`, or by nothing: this project's if it runs, else the only one.
    static func choose(
        _ text: String?,
        routed: [Hostname],
        proxy: ProxyDescription,
        project: String?,
        prefix: String?,
    ) throws -> Hostname {
        if let text {
            // In a worktree its own app comes first, as with `get`.
            let name = try AppName(parsing: text)
            let wanted = try [name.prefixed(by: prefix), name].flatMap {
                try $0.hostnames(under: proxy.tlds)
            }
            guard let found = wanted.first(where: routed.contains) else {
                throw Failure(
                    "No app named \"\(text)\" runs.",
                    remedy: "`portless list` shows those that do.",
                )
            }
            return found
        }
        if let project, let name = try? AppName(parsing: project).prefixed(by: prefix),
            let wanted = try? name.hostnames(under: proxy.tlds),
            let found = wanted.first(where: routed.contains)
        {
            return found
        }
        guard routed.count == 1 else {
            throw Failure(
                routed.isEmpty ? "No app runs." : "Several apps run, and none is this folder's.",
                remedy: "Usage: portless open <name>",
            )
        }
        return routed[0]
    }
}
