import ArgumentParser
import HostSystem
import Machine
import PortlessCore
import Runner
import SystemPackage

/// `portless share`: an address beyond this machine for an app that runs already.
struct ShareCommand: ContextCommand, NamesApps {
    static let configuration = CommandConfiguration(
        commandName: "share",
        abstract: "Share an app that runs already, on the tailnet or with everyone.",
        usage: """
            portless share <name> --tailscale|--funnel|--ngrok|--cloudflare [--ttl 2h] [--password]
                   portless share --list [--json]
                   portless share --stop <name>
            """,
        discussion: """
            Say by which service: --tailscale (your tailnet), --funnel, --ngrok or --cloudflare \
            (everyone). It ends with Ctrl-C, with the app, and when its time is over. Visitors reach \
            this one app and nothing else.
            """,
    )

    @Argument(help: "The app's name.")
    var names: [String] = []

    @Option(help: ArgumentHelp("How long, such as 30m or 2h.", valueName: "time"))
    var ttl: String?

    /// What `CommandCall` writes where `--password` has no value; no argument from outside has it.
    static let madeUp = "\u{0}"

    @Option(help: ArgumentHelp("Ask visitors for a password; without one, make one up."))
    var password: String?

    @Option(help: ArgumentHelp("Read it from a file's first line; - is standard input."))
    var passwordFile: String?

    @Flag(help: "Share it in the background.")
    var detach = false

    @Flag(help: "Show what is shared.")
    var list = false

    @Flag(help: "End the sharing of an app.")
    var stop = false

    @Flag(help: "With --list: as JSON.")
    var json = false

    // For the process that --detach starts; the password comes by a pipe.
    @Flag(help: .hidden) var held = false

    func run(_ context: CommandContext) throws {
        if list { return try ShareList(context).show(asJSON: json) }
        guard names.count == 1 else {
            throw Failure(
                names.isEmpty ? "No name is given." : "share takes one name.",
                remedy: "Usage: portless share <name> --ngrok; `portless list` shows the names.",
            )
        }
        if stop { return try ShareList(context).stop(names[0]) }
        try share(context)
    }

    private func share(_ context: CommandContext) throws {
        let request = SharingRequest(context)
        guard !request.isEmpty else {
            let found = SharingProvider.allCases.filter { context.runner.has($0.program) }
            let flags = found.isEmpty ? SharingProvider.allCases : found
            throw Failure(
                "Say by which service \(names[0]) is to be shared.",
                remedy: "Here there is: \(flags.map(\.flag).joined(separator: ", ")).",
            )
        }
        let lifetime = try ttl.map { try ShareLifetime(argument: $0) }
        let app = try SharedApp.find(names[0], context)
        for address in app.entry(context)?.addresses ?? []
        where request.providers.contains(where: address.provider.excludes) {
            throw Failure(
                "\(app.hostname) is shared by \(address.provider.title) already: \(address.url)",
                remedy: "Where `portless share` does that: portless share --stop \(names[0])",
            )
        }
        guard app.entry(context)?.upstreamProtocol != .tcp else {
            throw Failure(
                "\(app.hostname) doesn't speak HTTP, so it can't be shared.",
                remedy: "Share the app that uses it.",
            )
        }
        let password = try chosenPassword(context)
        if detach, !held {
            return try DetachedShare(context: context, app: app, request: request)
                .start(name: names[0], ttl: ttl, password: password)
        }
        let endings: Set<Signal> = [.hangUp, .interrupt, .quit, .terminate]
        let signals = SignalSource(try SignalPipe(endings.filter { !$0.staysIgnored }))
        let announcement = ShareAnnouncement(context: context, app: app)
        let isMadeUp = self.password == Self.madeUp && !held
        let session = ShareSession(
            context: context,
            app: app,
            lifetime: lifetime,
            password: password,
            signals: signals,
        ) { records in
            if held { StartReport.ready(version: Portless.version).send() }
            announcement.show(records, password: isMadeUp ? password : nil)
            if !held { context.console.say("Ctrl-C ends it.") }
        }
        try session.run(request)
    }

    /// Nil where there is to be none.
    private func chosenPassword(_ context: CommandContext) throws -> String? {
        if held { return try DetachedShare.receivedPassword() }
        if let passwordFile {
            let text: String
            if passwordFile == "-" {
                if let terminal = Terminal.standardInput {
                    context.console.say("The password (it isn't shown):")
                    text = terminal.readUnseen { readLine() } ?? ""
                } else {
                    text = readLine() ?? ""
                }
            } else {
                let bytes = try AtomicFile.read(context.resolve(passwordFile))
                text = String(decoding: bytes.prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
            }
            return try SharePassword.checked(text)
        }
        guard let password else { return nil }
        guard password != Self.madeUp else { return SharePassword.generated() }
        context.console.warn("Other users may see the password in the list of processes.")
        return try SharePassword.checked(password)
    }
}

/// What is said once an app is shared: the address alone on standard output.
struct ShareAnnouncement {
    let context: CommandContext
    let app: SharedApp

    func show(_ records: [ShareRecord], password: String?) {
        let console = context.console
        for record in records {
            guard let url = record.url else { continue }
            let audience =
                record.provider.reach == .public
                ? console.style.red("everyone") : "your tailnet"
            console.say(
                styled: "\(app.hostname) is shared with \(audience) by \(record.provider.title):"
            )
            console.print(url)
            guard Terminal(descriptor: .standardError) != nil else { continue }
            let code = try? QRCode(url)
            for line in code?.lines(isDarkInk: false) ?? [] { console.say(line) }
        }
        if let password { console.say("Password: \(password)") }
        if let end = records.first?.expiresAt { console.say("Until \(end.endText).") }
    }
}

/// `share --list` and `share --stop`.
struct ShareList {
    let context: CommandContext

    init(_ context: CommandContext) {
        self.context = context
    }

    func show(asJSON: Bool) throws {
        let records = try store().live().filter { $0.url != nil }
        if asJSON {
            let list = records.map { record -> JSONValue in
                .object([
                    "hostname": .string(record.hostname.description),
                    "provider": .string(record.provider.rawValue),
                    "exposure": .string(record.provider.reach.rawValue),
                    "url": record.url.map(JSONValue.string) ?? .null,
                    "password": .bool(record.hasPassword),
                    "expiresAt": record.expiresAt.map { .string($0.text) } ?? .null,
                    "pid": .integer(record.holder.pid),
                    "separate": .bool(record.isSeparate),
                ])
            }
            return context.console.print(JSONValue.array(list).formatted)
        }
        guard !records.isEmpty else { return context.console.print("Nothing is shared.") }
        context.console.print(
            TextTable(
                header: ["NAME", "SERVICE", "EXPOSURE", "PASSWORD", "UNTIL", "URL"],
                rows: records.map { record in
                    [
                        record.hostname.description, record.provider.title,
                        record.provider.reach.rawValue, record.hasPassword ? "yes" : "no",
                        record.expiresAt?.endText ?? (record.isSeparate ? "Ctrl-C" : "its run"),
                        record.url ?? "",
                    ]
                },
            ).text
        )
    }

    func stop(_ text: String) throws {
        let tlds = try context.describeProxy().tlds
        let name = try AppName(parsing: text)
        let prefixed = try name.prefixed(by: context.project.worktreePrefix)
        let hostnames = try prefixed.hostnames(under: tlds) + name.hostnames(under: tlds)
        let records = try store().live().filter { hostnames.contains($0.hostname) }
        guard !records.isEmpty else {
            throw Failure(
                "\"\(text)\" isn't shared.",
                remedy: "`portless share --list` shows what is.",
            )
        }
        let separate = records.filter(\.isSeparate)
        guard !separate.isEmpty else {
            throw Failure(
                "\"\(text)\" is shared by the run that has started it (PID \(records[0].holder.pid)).",
                remedy: "It ends with that run: Ctrl-C in its terminal.",
            )
        }
        ShareHolders(context).end(separate)
        guard let left = try store().live().first(where: separate.contains) else {
            return context.console.print("\(separate[0].hostname) isn't shared any more.")
        }
        throw Failure(
            "\(left.hostname) is still shared by PID \(left.holder.pid), which doesn't end.",
            remedy: "End it with: kill -9 \(left.holder.pid)",
        )
    }

    private func store() throws -> SharesStore {
        SharesStore(directory: try context.stateDirectory())
    }
}
