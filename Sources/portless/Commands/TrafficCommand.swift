import ArgumentParser
import HostSystem
import PortlessCore

/// `portless traffic`: the requests that go through the proxy, as they happen.
struct TrafficCommand: ContextCommand, NamesApps {
    static let configuration = CommandConfiguration(
        commandName: "traffic",
        abstract: "Show the requests that go through the proxy, as they happen.",
        discussion: """
            The proxy records only while it is watched: from the start of this command on, or for as \
            long as the dashboard shows traffic. Secrets (tokens, cookies, passwords, by their names) \
            are shown as •••.
            """,
    )

    @Argument(help: "An app, with those under it, or a host name; without one, all of them.")
    var names: [String] = []

    // As text: a wrong one is a slip in this command, and no call of an app of its name.
    @Option(
        name: [.customShort("n"), .long],
        parsing: .unconditional,
        help: "Show so many of the last requests that are recorded, and end.",
    )
    var last: String?

    @Option(parsing: .unconditional, help: "Only this status: 404, 4xx, or failed.")
    var status: String?

    @Option(parsing: .unconditional, help: "Only this method.")
    var method: String?

    @Option(
        parsing: .unconditional,
        help: "Only with this in host, path, media type or failure.",
    )
    var text: String?

    @Flag(help: "Print each request as a JSON object, once it is over.")
    var json = false

    @Option(
        parsing: .unconditional,
        help: "Write a HAR 1.2 file at Ctrl-C, with headers and bodies; with -n, at once.",
    )
    var har: String?

    @Flag(help: "Record headers and the first 64 KiB of bodies meanwhile, for dashboard and API.")
    var inspect = false

    @Flag(help: "Show secrets as they are.")
    var reveal = false

    func run(_ context: CommandContext) throws {
        guard names.count < 2 else {
            throw Failure(
                "traffic takes one name, and not \(names.count).",
                remedy: "Without one it shows all apps.",
            )
        }
        let filter = try filter()
        let last = try last.map(Self.count)
        let directory = try context.stateDirectory()
        guard let connection = TrafficConnection(to: directory) else {
            throw try Self.absence(context)
        }
        let archive = try har.map { path in
            try TrafficArchive(
                file: context.resolve(path),
                console: context.console,
                reveals: reveal,
            )
        }
        let printer = TrafficPrinter(context.console, isJSON: json, reveals: reveal)
        if let last {
            return try show(last, filter, connection, printer, archive)
        }
        try TrafficFollower(
            directory: directory,
            console: context.console,
            filter: filter,
            inspected: inspect || har != nil ? try hosts(context) : [],
            reveals: reveal,
            printer: printer,
            archive: archive,
        ).run(connection)
    }

    /// Shows what is recorded already.
    private func show(
        _ count: Int,
        _ filter: TrafficFilter,
        _ connection: TrafficConnection,
        _ printer: TrafficPrinter,
        _ archive: TrafficArchive?,
    ) throws {
        var printer = printer
        let records = try connection.records(last: TrafficLimits.records)
            .filter(filter.matches).suffix(count)
        for record in records {
            let details =
                archive == nil && !reveal
                ? nil : try connection.details(of: record.id, reveals: reveal)
            printer.print(details?.record ?? record)
            if let archive, let details { archive.add(details) }
        }
        if records.isEmpty, archive == nil {
            printer.console.say(
                "-- Nothing is recorded. The proxy records while it is watched: "
                    + "`portless traffic` without -n, or the dashboard."
            )
        }
        try archive?.write()
    }

    private func filter() throws -> TrafficFilter {
        let status = try status.map { text in
            guard let status = TrafficFilter.Status(text) else {
                throw Failure(
                    "--status takes a status, and not \"\(text)\".",
                    remedy: "Such as 404, 4xx, or failed.",
                )
            }
            return status
        }
        return TrafficFilter(app: names.first, status: status, method: method, text: text)
    }

    private static func count(_ text: String) throws -> Int {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw Failure("-n takes a number of requests from 0 on, and not \"\(text)\".")
        }
        return Int(text) ?? .max
    }

    /// The hosts that the name stands for; `*` is all of them.
    private func hosts(_ context: CommandContext) throws -> [String] {
        guard let name = names.first?.lowercased() else { return ["*"] }
        let tlds = try context.describeProxy().tlds
        if tlds.contains(where: { name.hasSuffix(".\($0)") }) { return [name] }
        return tlds.map { "\(name).\($0)" }
    }

    private static func absence(_ context: CommandContext) throws -> Failure {
        guard try context.describeProxy().isRunning else {
            return Failure(
                "No proxy runs, so there is no traffic.",
                remedy: "It starts with the first app, or by: portless proxy start",
            )
        }
        return Failure(
            "The proxy that runs doesn't record traffic.",
            remedy: "If it is of an older version: portless proxy restart",
        )
    }
}
