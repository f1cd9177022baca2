import ArgumentParser
import HostSystem
import PortlessCore

/// `portless remote`: the names of another machine as names of this one.
struct RemoteCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "remote",
        abstract: "Mirror the names of a machine that is reached by SSH.",
        discussion: """
            https://app.box.localhost here leads to app on box, with this machine's certificate. New \
            and ended apps follow, and a lost connection is tried again. Without a machine it shows \
            the mirrored names.
            """,
        subcommands: [RemoteListCommand.self, RemoteStatusCommand.self, RemoteServeCommand.self],
    )

    @Argument(help: "As ssh takes it: user@host, or a host of its configuration.")
    var host: String?

    @Option(name: .customLong("as"), help: "The part of the names, in place of the host's name.")
    var label: String?

    @Option(help: "The state directory there, in place of ~/.portless.")
    var stateDir: String?

    @Flag(help: "End the mirror of this machine, or all.")
    var stop = false

    @Flag(help: "Stay in this terminal.")
    var foreground = false

    @Flag(help: "Print the mirrored names as JSON.")
    var json = false

    func run(_ context: CommandContext) throws {
        if stop { return try end(context) }
        guard let text = host else {
            guard label == nil, stateDir == nil, !foreground else {
                throw Failure(
                    "No machine is given.",
                    remedy: "For example: portless remote dev@box",
                )
            }
            return try RemoteListCommand.show(context, asJSON: json)
        }
        let host = try RemoteHost(parsing: text, as: label)
        if !foreground, let sudoUser = try SudoUser(context) { try sudoUser.handBack(context) }
        let control = RemoteControl(context)
        if let known = try control.statuses().first(where: { $0.host.name == host.name }),
            known.state != .failed
        {
            return try tell(known, of: host, context)
        }
        let ssh = try SSHClient(host, context)
        _ = try control.check(ssh, stateDirectory: stateDir)
        _ = try ProxyControl(context).ensureRunning()
        if foreground { return try serve(ssh, context) }
        try show(control.start(host, stateDirectory: stateDir), context)
    }

    private func tell(
        _ known: RemoteStatus,
        of host: RemoteHost,
        _ context: CommandContext,
    ) throws {
        guard known.host == host else {
            throw Failure(
                "The names of \(known.host) are under \"\(host.name)\" already.",
                remedy: "Give these another one, for example: --as \(host.name)2",
            )
        }
        context.console.say("\(host) is mirrored already.")
        try show(known, context)
    }

    private func show(_ status: RemoteStatus, _ context: CommandContext) throws {
        if json { return try RemoteListCommand.show(context, asJSON: true) }
        if let reason = status.reason {
            context.console.warn(reason)
            if let remedy = status.remedy { context.console.say(remedy) }
        }
        let proxy = try context.describeProxy()
        for hostname in status.taken {
            context.console.warn("\(hostname) is another app's name here.")
        }
        for name in status.names { context.console.print(proxy.url(for: name.hostname)) }
        if status.names.isEmpty, status.reason == nil {
            context.console.print("\(status.host) has no apps yet; their names will follow.")
        }
        context.console.say("To end it: portless remote --stop \(status.host.name)")
    }

    private func end(_ context: CommandContext) throws {
        let control = RemoteControl(context)
        let all = try control.statuses()
        let meant = host.map { host in
            all.filter { $0.host.name == host || $0.host.destination == host }
        }
        for status in meant ?? all {
            try control.stop(status)
            context.console.print("\(status.host) is no longer mirrored.")
        }
        guard meant?.isEmpty != true else {
            throw Failure(
                "No machine called \"\(host ?? "")\" is mirrored.",
                remedy: "Those that are: portless remote status",
            )
        }
        if all.isEmpty { context.console.print("No machine is mirrored.") }
    }

    /// In this terminal, until Ctrl-C.
    private func serve(_ ssh: SSHClient, _ context: CommandContext) throws {
        let signals = try SignalPipe([.interrupt, .terminate, .hangUp])
        var mirror = try RemoteMirror(
            ssh,
            on: RemoteMirror.freePort(context),
            stateDirectory: stateDir,
            context,
        )
        let proxy = try context.describeProxy()
        mirror.say = { status in
            let reason = status.reason.map { ": \($0)" } ?? ""
            context.console.say("-- \(status.host): \(status.state.rawValue)\(reason)")
            for name in status.names {
                context.console.say("   \(proxy.url(for: name.hostname))")
            }
        }
        try mirror.run(until: signals)
    }
}

/// `portless remote list`: the mirrored names.
struct RemoteListCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show the names that are mirrored from other machines.",
    )

    @Flag(help: "Print them as JSON.")
    var json = false

    func run(_ context: CommandContext) throws { try Self.show(context, asJSON: json) }

    static func show(_ context: CommandContext, asJSON json: Bool) throws {
        let proxy = try context.describeProxy()
        let statuses = try RemoteControl(context).statuses()
        let names = statuses.flatMap { status in status.names.map { (status, $0) } }
        if json {
            let list = names.map { status, name in
                JSONValue.object([
                    "url": .string(proxy.url(for: name.hostname)),
                    "hostname": .string(name.hostname.description),
                    "remote": .string(name.remote.description),
                    "machine": .string(status.host.name),
                    "connected": .bool(status.state == .connected),
                ])
            }
            return context.console.print(JSONValue.array(list).formatted)
        }
        guard !names.isEmpty else {
            return context.console.print(
                statuses.isEmpty ? "No machine is mirrored." : "The mirrored machines have no apps."
            )
        }
        for (status, name) in names {
            let url = proxy.url(for: name.hostname)
            context.console.print("\(url)  ->  \(name.remote) on \(status.host)")
        }
    }
}

/// `portless remote status`: the mirrored machines.
struct RemoteStatusCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the machines that are mirrored, and whether they are connected.",
        discussion: "The exit code is 1 where one of them isn't.",
    )

    @Flag(help: "Print them as JSON.")
    var json = false

    func run(_ context: CommandContext) throws {
        let statuses = try RemoteControl(context).statuses()
        if json {
            context.console.print(JSONValue.array(statuses.map(\.json)).formatted)
        } else if statuses.isEmpty {
            context.console.print("No machine is mirrored.")
        } else {
            for status in statuses { Self.tell(status, context) }
        }
        guard statuses.allSatisfy({ $0.state == .connected && $0.reason == nil }) else {
            throw ExitCode(Failure.exitCode)
        }
    }

    private static func tell(_ status: RemoteStatus, _ context: CommandContext) {
        let count = status.names.count
        let names = count == 1 ? "1 name" : "\(count) names"
        context.console.print(
            "\(status.host.name) (\(status.host)): \(status.state.rawValue), \(names)"
        )
        for line in [status.reason, status.remedy] {
            if let line { context.console.print("  \(line)") }
        }
    }
}

/// The process that mirrors, under a keeper; started by ourselves only.
struct RemoteServeCommand: ContextCommand {
    static let configuration = CommandConfiguration(commandName: "serve", shouldDisplay: false)

    @Argument var host: String
    @Option(name: .customLong("as")) var label: String
    @Option var port: UInt16
    @Option var stateDir: String?

    func run(_ context: CommandContext) throws {
        // Before anything starts a thread.
        let signals = try SignalPipe([.interrupt, .terminate, .hangUp])
        let ssh = try SSHClient(RemoteHost(parsing: host, as: label), context)
        guard let port = Port(rawValue: port) else {
            throw Failure("Port 0 is no port.", remedy: "Use `portless remote \(host)`.")
        }
        var mirror = try RemoteMirror(ssh, on: port, stateDirectory: stateDir, context)
        mirror.say = { status in
            context.console.say("\(status.state.rawValue) \(status.reason ?? "")")
        }
        try mirror.run(until: signals)
    }
}
