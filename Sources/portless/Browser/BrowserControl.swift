import Browser
import HostSystem
import PortlessCore
import Runner
import Server

/// The managed browser as commands see it: started by the server, and driven through it.
struct BrowserControl {
    private let context: CommandContext

    init(_ context: CommandContext) {
        self.context = context
    }

    /// Whether it runs or will run by itself.
    func isActive() throws -> Bool { try app()?.state.isActive ?? false }

    /// From its keeper's files, so that no server is needed.
    private func app() throws -> SupervisedApp? {
        StoredApps.list(in: try context.stateDirectory())
            .first { $0.name.description == BrowserPorts.app }
    }

    /// Starts the browser, and returns once it answers.
    ///
    /// One that runs goes on as it is, unless it is wanted in another way.
    func start(program: String? = nil, isHeadless: Bool? = nil) throws {
        let isWanted = program == nil && isHeadless == nil
        guard try !isActive() || !isWanted else { return }
        let start = BrowserPlan(context: context, program: program, isHeadless: isHeadless)
        let plan = try start.plan()
        for note in try start.notes() { context.console.warn(note) }
        let apps = SupervisedApps(server: try ServerControl(context).client())
        let since = Timestamp.now
        _ = try apps.up(plan, only: nil, context.console)
        let progress = try StartProgress(
            context,
            asking: apps,
            app: BrowserPorts.app,
            names: nil,
            since: since,
        )
        guard try progress.await() == .ready else {
            throw Failure(
                "The browser didn't start.",
                remedy: "What it wrote: portless logs \(BrowserPorts.app)",
            )
        }
    }

    func status() throws -> JSONValue {
        let browser = try ManagedBrowser(app(), in: context.stateDirectory()) {
            try BrowserPlan.ports(context.environment)
        }
        return try waiting { await browser.status() }
    }

    /// Opens an app or a URL in the first tab.
    func open(_ page: String) throws -> JSONValue {
        let url = try url(of: page)
        try start()
        return try ServerControl(context).client()
            .post("/api/browser/navigate", .object(["url": .string(url)]))
    }

    private func url(of page: String) throws -> String {
        guard !page.contains("://") else { return page }
        let proxy = try context.describeProxy()
        let name = try AppName(parsing: page)
        guard try !name.hostnames(under: proxy.tlds).isEmpty else {
            throw Failure(
                "\"\(page)\" is no name under .\(proxy.tlds[0]).",
                remedy: "A URL begins with http:// or https://.",
            )
        }
        return try CheckoutURLs(context, proxy).find([name]).url
    }
}
