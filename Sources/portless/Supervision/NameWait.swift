import HostSystem
import PortlessCore
import Projects
import Runner
import SystemPackage

/// Waits until a name answers, whether an app in the background, one in a terminal or an alias has it.
struct NameWait {
    /// How long a name may take to appear, as after `portless web npm run dev &`.
    private static let patience = Duration.seconds(5)
    private static let pause = Duration.milliseconds(200)
    private static let answerTime = Duration.seconds(1)

    let context: CommandContext
    let name: AppName
    let limit: WaitLimit
    /// Whether Ctrl-C ends the waiting with a report.
    var mayBeInterrupted = true

    func run() throws -> WaitReport {
        let directory = try context.stateDirectory()
        let interruptions = mayBeInterrupted ? try SignalPipe([.interrupt]) : nil
        let end = min(ContinuousClock.now.advanced(by: Self.patience), limit.end)
        while true {
            try Task.checkCancellation()
            let app = StoredApps.list(in: directory).first { $0.name == name }
            if let app, app.processes.contains(where: \.state.isActive) {
                return try waitForApp(app, interruptions)
            }
            if try route() != nil { return try waitForRoute(interruptions) }
            guard ContinuousClock.now < end else { return try app.map(stopped) ?? missing() }
            if pause(interruptions) {
                context.console.say("\(name) isn't there.")
                return WaitReport(.interrupted, [])
            }
        }
    }

    private func missing() throws(Failure) -> WaitReport {
        throw Failure(
            "There is no app or name called \"\(name)\".",
            remedy: "`portless list` shows the names, `portless ps` the apps.",
            outcome: .notFound,
        )
    }

    /// True if a signal came.
    private func pause(_ signals: SignalPipe?) -> Bool {
        guard let signals else {
            SystemClock.sleep(for: Self.pause)
            return false
        }
        var poll = Poll()
        poll.add(signals.reading, .reading)
        _ = poll.wait(timeout: Self.pause)
        return !signals.received().isEmpty
    }

    // MARK: An app in the background

    /// What was never started, or was stopped on request, isn't waited for.
    private func waitForApp(
        _ app: SupervisedApp,
        _ interruptions: SignalPipe?,
    ) throws -> WaitReport {
        let meant = app.processes.filter { process in
            switch process.state {
            case .notStarted: false
            case .stopped: process.lastExit?.wasRequested == false
            default: true
            }
        }
        return try BringUp(
            context: context,
            apps: SupervisedApps(server: try ServerControl(context).client()),
            limit: limit,
            interruptions: interruptions,
        ).wait(for: [(name, meant.map(\.name))])
    }

    private func stopped(_ app: SupervisedApp) -> WaitReport {
        let processes = app.processes.map { process in
            WaitReport.Process(
                process,
                outcome: .crashed,
                problem: process.reason,
                lastLines: [],
            )
        }
        var report = WaitReport(
            Failure(
                "\(name) doesn't run: it is \(app.state.title).",
                remedy: "To start it: portless up \(name)",
                outcome: .crashed,
            )
        )
        report.apps = [
            .init(
                name: name.description,
                kind: .supervised,
                directory: app.directory,
                processes: processes,
            )
        ]
        return report
    }

    // MARK: Any other name

    private func waitForRoute(_ interruptions: SignalPipe?) throws -> WaitReport {
        let late = ContinuousClock.now.advanced(by: Self.answerTime)
        var last: RouteEntry?
        var told: String?
        while true {
            try Task.checkCancellation()
            guard let entry = try route() else {
                guard let last else { return try missing() }
                return gone(last)
            }
            guard entry.route?.heldBy == nil, let probe = try probe(of: entry) else {
                return held(entry)
            }
            guard case .notYet(let problem) = probe.ask() else {
                return report(.ready, entry, nil)
            }
            last = entry
            let now = ContinuousClock.now
            if limit.end <= now { return timedOut(entry, problem) }
            if problem != told, late <= now {
                told = problem
                context.console.say(
                    styled: context.console.style.dim("  \(name) isn't ready: it \(problem)")
                )
            }
            if pause(interruptions) {
                context.console.say("\(name) goes on as it is.")
                return report(.interrupted, entry, "It \(problem).")
            }
        }
    }

    private func route() throws -> RouteEntry? {
        let names = try name.hostnames(under: context.describeProxy().tlds).map(\.description)
        let entries = try context.routes().list()
            .filter { names.contains($0.hostname.lowercased()) }
        // The name alone is the whole host, if an app has that.
        return entries.first { $0.pathPrefix.isEmpty } ?? entries.first
    }

    private func probe(of entry: RouteEntry) throws -> AnswerProbe? {
        guard let route = entry.route else { return nil }
        guard let port = route.port else {
            throw Failure(
                "\(name) leads to the \(route.placeText), which can't be waited for.",
                remedy: "Ask it by its URL: \(try context.describeProxy().url(for: route))",
            )
        }
        // The project of this folder may say how it is asked.
        let configuration = try ProjectConfiguration.load(in: context.workingDirectory)
        let isOwn =
            configuration.app.health != nil
            && (try? context.project.commonNaming(configuration))?.name == name
        return AnswerProbe(
            port: port,
            host: route.hostname,
            // What speaks TLS is asked for a connection only.
            speaksHTTP: !["tcp", "https"].contains(route.upstreamProtocol.name)
                && entry.label.map(PortLabels.speaksHTTP) ?? true,
            health: isOwn ? configuration.app.health : nil,
        )
    }

    // MARK: Reports

    private func held(_ entry: RouteEntry) -> WaitReport {
        let port = entry.port.map(\.description) ?? "?"
        let holder = entry.route?.heldBy ?? "another program"
        var report = report(.portHeld, entry, "Port \(port) is held by \(holder).")
        report.error = Failure(
            "Port \(port), for \(name), is held by \(holder).",
            remedy: "To see more of it: portless ports explain \(port)",
        )
        return report
    }

    private func gone(_ entry: RouteEntry) -> WaitReport {
        var report = report(.crashed, entry, "It ended before it answered.")
        report.error = Failure("\(name) ended before it answered.")
        return report
    }

    private func timedOut(_ entry: RouteEntry, _ problem: String) -> WaitReport {
        var report = report(.timedOut, entry, "It \(problem).")
        report.error = Failure(
            "\(name) isn't ready after \(limit.text): it \(problem).",
            remedy: supervised(entry) == nil
                ? "Wait longer with --timeout, or look at what it says in its terminal."
                : "Wait longer with --timeout, or read what it says: portless logs \(name)",
        )
        return report
    }

    private func report(
        _ outcome: Outcome,
        _ entry: RouteEntry,
        _ problem: String?,
    ) -> WaitReport {
        let proxy = try? context.describeProxy()
        let url = proxy?.address(of: entry)
        // The PID of one in another container means nothing here.
        let isOutside = entry.isAlias || entry.container != nil || entry.isElsewhere
        let process = WaitReport.Process(
            name: entry.label ?? name.description,
            state: outcome == .ready ? "online" : outcome == .crashed ? "stopped" : "starting",
            outcome: outcome == .interrupted ? nil : outcome,
            pid: isOutside ? nil : entry.pid,
            ports: entry.port.map { [.init(label: entry.label ?? "app", port: $0)] } ?? [],
            primaryPort: entry.port,
            urls: [url].compactMap(\.self),
            problem: problem,
        )
        let supervised = supervised(entry)
        let folder =
            supervised?.directory
            ?? (isOutside ? nil : context.processes.details(entry.pid).folder)
        let app = WaitReport.App(
            name: name.description,
            kind: supervised != nil ? .supervised : isOutside ? .alias : .terminal,
            directory: folder,
            processes: [process],
        )
        return WaitReport(outcome, [app])
    }

    /// The app in the background whose label has the name.
    private func supervised(_ entry: RouteEntry) -> SupervisedApp? {
        guard !entry.isAlias, let directory = try? context.stateDirectory() else { return nil }
        return StoredApps.list(in: directory).first { app in
            entry.isOwned(by: try? KeeperFolder(of: app.name, in: directory).readKeeper())
        }
    }
}
