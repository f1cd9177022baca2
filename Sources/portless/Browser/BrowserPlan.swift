import Browser
import HostSystem
import Machine
import PortlessCore
import Runner
import Server
import SystemPackage

/// Works out how the managed browser is run under a keeper, as an app of its own.
struct BrowserPlan {
    /// How long the browser may take to write its profile before it is killed.
    private static let killTimeout = Duration.seconds(12)

    let context: CommandContext
    var program: String?
    var isHeadless: Bool?

    init(context: CommandContext, program: String? = nil, isHeadless: Bool? = nil) {
        self.context = context
        self.program = program
        self.isHeadless = isHeadless
    }

    /// Throws where there is no browser, or another program has one of its ports.
    func plan() throws -> SupervisionPlan {
        let directory = try context.preparedStateDirectory()
        let settings = try BrowserSettings.read(from: directory)
        let environment = context.environment
        let wanted = environment["PORTLESS_BROWSER"].flatMap { $0.isEmpty ? nil : $0 }
        let browser = try BrowserProgram.find(
            program ?? wanted ?? settings.program,
            path: environment["PATH"],
            home: environment["HOME"].map { FilePath($0) },
        )
        let ports = try Self.ports(environment)
        let isMac = TrustEnvironment.Platform.current == .macOS
        let hasDisplay = BrowserLaunch.hasDisplay(environment, isMac: isMac)
        let isHeadless = isHeadless ?? settings.isHeadless ?? !hasDisplay
        let folder = BrowserFolder(in: directory)
        try folder.create()
        let known = StoredApps.list(in: directory).first { $0.name.description == BrowserPorts.app }
        let isOurs = known.map { $0.state.isActive && BrowserPorts(of: $0) == ports } ?? false
        if !isOurs { try refuseStrangers(on: ports) }
        var process = PlannedProcess(
            name: BrowserPorts.process,
            command: [
                context.executable.string, "browser", "serve", "--program", browser.path.string,
                "--cdp-port", "\(ports.cdp)", "--health-port", "\(ports.health)",
                "--downloads", (settings.downloads ?? folder.downloads).string,
            ] + (isHeadless ? ["--headless"] : []),
            directory: directory.path,
            environment: ["PORTLESS_STATE_DIR": directory.path.string],
        )
        process.inherited = environment.filter { $0.key != "PORTLESS_STATE_DIR" }
        process.ports = [
            .init(label: "cdp", port: ports.cdp), .init(label: "health", port: ports.health),
        ]
        process.primaryPort = ports.health
        process.restart = .gentle
        // The user has closed it.
        process.restart.finalCodes = [0]
        process.killTimeout = Self.killTimeout
        // SIGTERM would end the browser before it has written its profile.
        process.endsDescendants = true
        return SupervisionPlan(
            app: try AppName(parsing: BrowserPorts.app),
            directory: directory.path,
            processes: [process],
        )
    }

    /// What the user should know of a start.
    func notes() throws -> [String] {
        let directory = try context.stateDirectory()
        let trust = BrowserTrust(
            directory: directory,
            database: BrowserFolder(in: directory).certificates,
            runner: context.runner,
        )
        let sandbox =
            context.userID == 0
            ? "As root the browser runs without its sandbox, so open only pages that you trust."
            : nil
        return [trust.obstacle, sandbox].compactMap(\.self)
    }

    static func ports(_ environment: [String: String]) throws -> BrowserPorts {
        var ports = BrowserPorts.standard
        func chosen(_ endpoint: CoreEndpoint) throws -> Port? {
            try endpoint.variable.flatMap { try Port(of: $0, in: environment) }
        }
        ports.cdp = try chosen(.browserDevTools) ?? ports.cdp
        ports.health = try chosen(.browserHealth) ?? ports.health
        guard ports.cdp != ports.health else {
            throw Failure(
                "The browser can't have port \(ports.cdp) for both DevTools and health.",
                remedy: "Change PORTLESS_CDP_PORT or PORTLESS_CDP_HEALTH_PORT.",
            )
        }
        return ports
    }

    private func refuseStrangers(on ports: BrowserPorts) throws {
        let answer = try waiting { await DevToolsEndpoint(port: ports.cdp).look() }
        if answer == .stranger {
            throw Self.taken(ports.cdp, by: context.holder(ports.cdp), .browserDevTools)
        }
        if let holder = context.holder(ports.health) {
            throw Self.taken(ports.health, by: holder, .browserHealth)
        }
    }

    static func taken(
        _ port: Port,
        by holder: String?,
        _ endpoint: CoreEndpoint,
    ) -> Failure {
        let holding = "Port \(port) is held by \(holder ?? "another user's process")"
        let isDevTools = endpoint == .browserDevTools
        return Failure(
            holding + (isDevTools ? ", which isn't a browser with DevTools." : "."),
            remedy: """
                End it (portless ports kill \(port)), or choose another port with \
                \(endpoint.variable ?? "").
                """,
        )
    }
}
