import HostSystem
import PortlessCore
import Projects
import Runner
import SystemPackage

/// Several apps at once, each behind its own name, with their output side by side.
///
/// An app that ends doesn't take the others with it. All names are registered before the first
/// app starts, so that a conflict starts nothing.
struct CrewRun {
    /// What the program has to open its queue with, before it does anything else.
    static let signals: Set<Signal> = [
        .childChanged, .hangUp, .interrupt, .terminate, ForegroundRun.lookAgain,
    ]

    private static let grace = Duration.seconds(5)

    private let context: CommandContext
    private let signals: SignalQueue
    private let proxy: ProxyDescription
    private let routes: RoutesStore
    private let owner = Route.Owner.process(.current)
    private var members: [CrewMember] = []
    private var followers: [Int: PortFollower] = [:]
    /// When each follower looks next; those that have seen enough are not in it.
    private var looks: [Int: ContinuousClock.Instant] = [:]

    /// Registers the names of all apps, or of none.
    init(_ plans: [AppPlan], context: CommandContext, signals: SignalQueue) throws {
        try CrewConflict.refuse(plans)
        self.context = context
        self.signals = signals
        context.console.say(styled: context.console.style.bold("portless"))
        proxy = try context.ensuredProxy()
        routes = try context.routes()
        do {
            let names = Set(plans.compactMap(\.name))
            for plan in plans { members.append(try register(plan, among: names)) }
            try chooseSparePorts()
        } catch {
            removeRoutes(of: members)
            throw error
        }
        HostsSync(context: context, directory: routes.directory).refresh()
    }

    /// Runs the apps until the last one has ended; the result is 1 if one of them failed.
    mutating func run() throws -> Int32 {
        defer { removeRoutes(of: members) }
        let guardian = try Guardian.spawn(
            name: "portless",
            arguments: [GuardianCommand.word],
            environment: context.environment.merging([
                "PORTLESS_STATE_DIR": routes.directory.path.string
            ]) { $1 },
        )
        defer { guardian.finish() }
        let relays = OutputRelays()
        for index in members.indices {
            do {
                try start(index, guardian, relays)
            } catch {
                // The others still get their chance.
                context.console.report(error)
                members[index].end = .exited(Failure.exitCode)
            }
        }
        for line in CrewTable.lines(members, url: proxy.url) { context.console.say(line) }
        awaitAll(guardian)
        relays.finish()
        return summarize()
    }

    private func register(_ plan: AppPlan, among names: Set<AppName>) throws -> CrewMember {
        guard let name = plan.name else {
            return CrewMember(plan: plan, hostnames: [], port: nil, url: nil)
        }
        let hostnames = try name.hostnames(under: proxy.tlds)
        let ports = try context.appPorts(
            AppPorts.Question(app: name, base: plan.baseName, configured: plan.ports)
        )?.fixing(plan.fixedPort)
        // Another app of the crew that is called like a label has the name.
        let siblings = try Set(
            names.subtracting([name]).flatMap { try $0.hostnames(under: proxy.tlds) }
        )
        let labels = try LabelNames.labels(of: name, ports: ports, tlds: proxy.tlds)
            .filter { !siblings.contains($0.hostname) }
        let registration =
            if let port = plan.fixedPort ?? ports?.primary?.port {
                try routes.register(
                    hostnames,
                    owner: owner,
                    labels: labels,
                    choosingPort: { _ in port },
                )
            } else {
                try routes.registerOnEphemeralPort(
                    hostnames,
                    owner: owner,
                    labels: labels,
                    isFree: try context.freeForRuns(),
                )
            }
        let leased = LeasedPorts.warnings(
            of: ports,
            fixed: plan.fixedPort,
            app: name,
            leases: try LeaseStore(directory: routes.directory).list(),
        )
        for warning in leased + TakenPorts.warnings(of: ports, isFree: context.isFree)
            + registration.missing.map(LabelNames.warning)
        {
            context.console.warn(warning)
        }
        return CrewMember(
            plan: plan,
            hostnames: hostnames,
            port: registration.port,
            url: hostnames.first.map(proxy.url),
            ports: ports,
            labels: labels.filter { !registration.missing.contains($0.hostname) },
        )
    }

    /// After all names have their ports, so that none of these is one of them.
    private mutating func chooseSparePorts() throws {
        let wanting = members.indices.filter {
            members[$0].plan.wantsPort && members[$0].port == nil
        }
        guard !wanting.isEmpty else { return }
        let isFree = try context.freeForRuns()
        let memory = PortMemory(reading: routes.directory)
        var taken = Set(try routes.list().compactMap(\.port)).union(members.compactMap(\.port))
        var generator = SystemRandomNumberGenerator()
        for index in wanting {
            let port = try EphemeralPortPicker().pick(
                preferring: nil,
                taken: taken,
                remembered: memory.ports(),
                isFree: isFree,
                using: &generator,
            )
            members[index].spare = port
            taken.insert(port)
        }
    }

    private mutating func start(
        _ index: Int,
        _ guardian: GuardianLink,
        _ relays: OutputRelays,
    ) throws {
        let member = members[index]
        var spawn = ShellCommand(command(of: member)).spawn(
            environment: try environment(of: member),
            workingDirectory: member.plan.directory,
        )
        let null = try NullDevice.open()
        defer { try? null.close() }
        let output = try Pipe()
        defer { try? output.writing.close() }
        spawn.standardInput = null
        spawn.standardOutput = output.writing
        spawn.standardError = output.writing
        spawn.group = .own
        spawn.announcement = guardian.announcement
        let child: ChildProcess
        do {
            child = try spawn.start()
        } catch {
            try? output.reading.close()
            throw error
        }
        members[index].child = child
        if let port = member.port {
            followers[index] = PortFollower(
                processID: child.pid,
                assigned: port,
                hostnames: member.hostnames
                    + member.labels.filter { $0.port == port }.map(\.hostname),
                others: Set(member.ports?.endpoints.map(\.port) ?? []),
                owner: owner,
                routes: routes,
                console: context.console,
                label: member.plan.label,
            )
            looks[index] = .now
        }
        let prefix = LinePrefix(
            label: member.plan.label,
            index: index,
            isColored: context.console.style.isColored,
        )
        relays.relay(output.reading.rawValue, prefix: prefix) { line in
            // A reader that has gone is no reason to end the apps.
            _ = try? FileDescriptor.standardOutput.writeAll(line)
        }
    }

    private func command(of member: CrewMember) -> [String] {
        guard let port = member.port else { return member.plan.command }
        let manifest = PackageManifest(in: member.plan.directory)
        return FlagInjection(port: port).applied(to: member.plan.command) { script in
            manifest?.script(script)
        }
    }

    private func environment(of member: CrewMember) throws -> [String: String] {
        let siblings = SiblingVariables.variables(
            members.compactMap { member in member.url.map { (member.plan.label, $0) } }
        )
        let directory = member.plan.directory
        guard let port = member.port, let url = member.url else {
            var environment = context.environmentWithLocalPrograms(in: directory)
                .merging(siblings) { users, _ in users }
            if let spare = member.spare { environment["PORT"] = spare.description }
            return environment
        }
        var additions = siblings
        // Behind a pipe most tools drop their colors, which the terminal at the end could show.
        if context.console.style.isColored { additions["FORCE_COLOR"] = "1" }
        return try AppEnvironment(context: context, proxy: proxy)
            .variables(
                port: port,
                url: url,
                directory: directory,
                labeled: member.ports?.environment ?? [:],
                additions: additions,
            )
    }

    /// Waits until no app runs any more, passing the end on to all when somebody asks for it.
    private mutating func awaitAll(_ guardian: GuardianLink) {
        var deadline: ContinuousClock.Instant?
        var hasEndBegun = false
        while members.contains(where: \.isRunning) {
            collect(guardian)
            guard members.contains(where: \.isRunning) else { return }
            look()
            switch nextSignal(before: ([deadline].compactMap(\.self) + looks.values).min()) {
            case .interrupt?, .terminate?, .hangUp?:
                send(hasEndBegun ? .kill : .terminate)
                hasEndBegun = true
                deadline = .now + Self.grace
            case .terminalStop?:
                send(.stop)
                signals.stop(with: .terminalStop, wholeGroup: false)
                send(.continue)
            case .childChanged?, .continue?, .windowChanged?: break
            case ForegroundRun.lookAgain?:
                for index in followers.keys { looks[index] = .now }
            case let signal?: send(signal)
            case nil:
                if let due = deadline, due <= .now {
                    send(.kill)
                    deadline = nil
                }
            }
        }
    }

    private func nextSignal(before end: ContinuousClock.Instant?) -> Signal? {
        guard let end else { return signals.next() }
        return signals.next(timeout: ContinuousClock.now.duration(to: end))
    }

    private mutating func look() {
        for (index, due) in looks where due <= .now {
            looks[index] = followers[index]?.look().map { .now + $0 }
        }
    }

    /// Reaps the apps that have ended, with what they left of their groups.
    private mutating func collect(_ guardian: GuardianLink) {
        for index in members.indices where members[index].isRunning {
            guard let child = members[index].child,
                let change = try? child.change(), case .ended(let end) = change
            else { continue }
            members[index].end = end
            (followers[index], looks[index]) = (nil, nil)
            ProcessGroup(of: child).send(.terminate)
            // Before the child is reaped: afterwards its PID may be another process's.
            guardian.forget(child)
            try? child.reap()
            removeRoutes(of: [members[index]])
            let label = members[index].plan.label
            if end != .exited(0) {
                context.console.say("[\(label)] ended with code \(end.exitCode)")
            }
        }
    }

    private func send(_ signal: Signal) {
        for member in members where member.isRunning {
            guard let child = member.child else { continue }
            ProcessGroup(of: child).send(signal)
        }
    }

    private func removeRoutes(of members: [CrewMember]) {
        let hostnames = members.flatMap(\.allHostnames)
        guard !hostnames.isEmpty else { return }
        do {
            try routes.remove(hostnames, ownedBy: owner)
        } catch {
            context.console.report(error)
        }
        HostsSync(context: context, directory: routes.directory).refresh()
    }

    /// An app that was ended by a signal has not failed: that is how servers are stopped.
    private func summarize() -> Int32 {
        let failed = members.filter { member in
            if case .exited(let code)? = member.end { code != 0 } else { false }
        }
        guard !failed.isEmpty else { return 0 }
        let list = failed.map { "\($0.plan.label) (\($0.end?.exitCode ?? 1))" }
        context.console.say("Failed: \(list.joined(separator: ", "))")
        return Failure.exitCode
    }
}
