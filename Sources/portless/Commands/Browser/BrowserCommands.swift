import ArgumentParser
import Browser
import HostSystem
import NIOCore
import PortlessCore
import Runner
import Server
import SystemPackage

/// The commands about the managed browser.
struct BrowserCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "browser",
        abstract: "Run a browser of Portless's own, for agents and tests.",
        discussion: """
            A Chrome, Chromium or Edge of this machine with a profile of its own. It knows the apps' \
            names, trusts their certificates, and speaks the DevTools Protocol on 127.0.0.1:5556 \
            (PORTLESS_CDP_PORT).
            """,
        subcommands: [
            BrowserStartCommand.self, BrowserStopCommand.self, BrowserStatusCommand.self,
            BrowserOpenCommand.self, BrowserScreenshotCommand.self, BrowserServeCommand.self,
        ],
    )
}

/// `portless browser start`.
struct BrowserStartCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Start the managed browser, which then runs in the background.",
        discussion: """
            It has a window where there is a display. Its ports are 5556 (DevTools) and 5557 (health), \
            or PORTLESS_CDP_PORT and PORTLESS_CDP_HEALTH_PORT, on loopback only.
            """,
    )

    @Option(help: "The browser's program, in place of PORTLESS_BROWSER or the first that is found.")
    var program: String?

    @Flag(inversion: .prefixedNo, help: "Run it without a window, or with one.")
    var headless: Bool?

    @Flag(help: "Print the status as JSON.")
    var json = false

    func run(_ context: CommandContext) throws {
        if let sudoUser = try SudoUser(context) { try sudoUser.handBack(context) }
        let control = BrowserControl(context)
        try control.start(program: program, isHeadless: headless)
        try BrowserStatusCommand.show(control.status(), json: json, context)
    }
}

/// `portless browser stop`.
struct BrowserStopCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "End the managed browser; its profile stays.",
    )

    @Flag(help: "Print the status as JSON.")
    var json = false

    func run(_ context: CommandContext) throws {
        let control = BrowserControl(context)
        guard try control.isActive() else {
            if json { return try BrowserStatusCommand.show(control.status(), json: true, context) }
            context.console.print("The browser is not running.")
            return
        }
        try SupervisedApps(server: ServerControl(context).client())
            .stop(AppSelection.Choice(app: BrowserPorts.app))
        if json {
            try BrowserStatusCommand.show(control.status(), json: true, context)
        } else {
            context.console.print("The browser stopped.")
        }
    }
}

/// `portless browser status`.
struct BrowserStatusCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show whether the managed browser runs, and how it is reached.",
        discussion: "The exit code is 1 where it doesn't answer.",
    )

    @Flag(help: "Print it as JSON.")
    var json = false

    func run(_ context: CommandContext) throws {
        let status = try BrowserControl(context).status()
        try Self.show(status, json: json, context)
        if status["connected"]?.bool != true { throw ExitCode(Failure.exitCode) }
    }

    static func show(_ status: JSONValue, json: Bool, _ context: CommandContext) throws {
        guard !json else { return context.console.print(status.formatted) }
        guard status["connected"]?.bool == true else {
            let reason = status["reason"]?.string.map { " \($0)" } ?? ""
            return context.console.print("The browser is not running.\(reason)")
        }
        let window = status["headless"]?.bool == true ? "without a window" : "with a window"
        let product = status["product"]?.string ?? "The browser"
        context.console.print("\(product) runs \(window): \(status["cdpEndpoint"]?.string ?? "")")
    }
}

/// `portless browser open <url>`.
struct BrowserOpenCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "open",
        abstract: "Open an app or a URL in the managed browser, which is started if need be.",
    )

    @Argument(help: "An app's name, or a URL with http:// or https://.")
    var page: String

    @Flag(help: "Print where it arrived as JSON.")
    var json = false

    func run(_ context: CommandContext) throws {
        let answer = try BrowserControl(context).open(page)
        if json { return context.console.print(answer.formatted) }
        context.console.print(answer["url"]?.string ?? "")
        if answer["download"]?.bool == true {
            context.console.say("It is a file, which the browser downloads.")
        } else if answer["loaded"]?.bool == false {
            context.console.warn("The page isn't loaded completely yet.")
        }
    }
}

/// `portless browser screenshot [url]`.
struct BrowserScreenshotCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "screenshot",
        abstract: "Save what the managed browser shows as a PNG.",
        discussion: "Without -o the file is called screenshot-<time>.png.",
    )

    @Argument(help: "An app's name or a URL to open first.")
    var page: String?

    @Option(name: .shortAndLong, help: "The file to write.")
    var output: String?

    @Flag(help: "Print the file, the URL and the title as JSON.")
    var json = false

    func run(_ context: CommandContext) throws {
        let control = BrowserControl(context)
        if let page { _ = try control.open(page) }
        let shot = try ServerControl(context).client()
            .get("/api/browser/screenshot", within: .seconds(60))
        guard let bytes = shot["png"]?.string.flatMap(Base64.decode) else {
            throw Failure("The browser sent no picture.", remedy: "Try again.")
        }
        let time = Timestamp.now.text.prefix { $0 != "." }.filter { $0 != ":" }
        let file = context.resolve(output ?? "screenshot-\(time).png")
        try AtomicFile.write(
            bytes,
            to: file,
            mode: [.ownerReadWrite, .groupRead, .otherRead],
        )
        guard json else { return context.console.print(file.string) }
        context.console.print(
            JSONValue.object([
                "file": .string(file.string), "url": shot["url"] ?? .null,
                "title": shot["title"] ?? .null,
            ]).formatted
        )
    }
}

/// The process that keeps the browser, under a keeper; started by ourselves only.
struct BrowserServeCommand: ContextCommand {
    static let configuration = CommandConfiguration(commandName: "serve", shouldDisplay: false)

    @Option var program: String
    @Option var cdpPort: UInt16
    @Option var healthPort: UInt16
    @Option var downloads: String
    @Flag var headless = false

    func run(_ context: CommandContext) throws {
        // Before anything starts a thread.
        let signals = SignalQueue([.interrupt, .terminate, .hangUp])
        guard let cdp = Port(rawValue: cdpPort), let health = Port(rawValue: healthPort) else {
            throw Failure("Port 0 is no port.", remedy: "Use `portless browser start`.")
        }
        let directory = try context.preparedStateDirectory()
        let service = BrowserService(
            directory: directory,
            program: FilePath(program),
            launch: BrowserLaunch(
                folder: BrowserFolder(in: directory),
                port: cdp,
                isHeadless: headless,
                isRoot: context.userID == 0,
                tlds: try context.describeProxy().tlds,
            ),
            health: BrowserHealth(
                ports: BrowserPorts(cdp: cdp, health: health),
                isHeadless: headless,
            ),
            downloads: FilePath(downloads),
            context: context,
        )
        try service.run(until: signals)
    }
}
