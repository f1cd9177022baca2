import ArgumentParser
import PortlessCore

/// `portless ports lease <app> <label>…`: a block of ports of its own for an app.
struct PortsLeaseCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "lease",
        abstract: "Give an app a block of ports that no other app gets.",
        discussion: """
            The same app and labels have the same ports ever after; more labels make the block grow. \
            A text after a label describes the port: api:"REST API server". In a linked git \
            worktree the name gets the branch's prefix, as in a run, and so a block of its own.
            """,
    )

    @Flag(help: "Where the block can't grow, take another one.")
    var move = false

    @Flag(help: "Print the lease as JSON.")
    var json = false

    @Option(help: "table, json, dotenv, or ecosystem (for ecosystem.config.cjs).")
    var format: String?

    @Flag(help: "Leave out the worktree's prefix.")
    var noWorktree = false

    @Argument(help: "The app's name.")
    var app: String?

    @Argument(help: "Such as api, ui or api:\"REST API server\".")
    var labels: [String] = []

    func run(_ context: CommandContext) throws {
        let format = try chosenFormat()
        guard let name = app, !labels.isEmpty else {
            throw Failure(
                app.map { "No labels are given for \($0)." } ?? "No app is named.",
                remedy: "Usage: portless ports lease <app> <label>…, such as: shop api ui",
            )
        }
        let app = try context.project.leasingApp(name, usesWorktree: !noWorktree)
        let requests = try labels.map { try LeaseRequest(parsing: $0) }
        let directory = try context.preparedStateDirectory()
        let (lease, change) = try LeaseStore(directory: directory).lease(
            requests,
            for: app,
            by: .current(in: directory),
            mayMove: move,
            in: noWorktree ? nil : PortLease.Worktree(of: context.workingDirectory),
            isFree: context.isFree,
        )
        if let sentence = change.sentence(lease) { context.console.say(sentence) }
        context.console.print(format.text(of: lease))
    }

    private func chosenFormat() throws -> LeaseFormat {
        guard let format else { return json ? .json : .table }
        guard let chosen = LeaseFormat(rawValue: format) else {
            let known = LeaseFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw Failure("There is no format \"\(format)\".", remedy: "There are: \(known).")
        }
        guard !json || chosen == .json else {
            throw Failure(
                "--json and --format \(format) exclude each other.",
                remedy: "Choose one.",
            )
        }
        return chosen
    }
}
