import ArgumentParser
import PortlessCore

/// `portless ports find <n>`: blocks of free ports.
struct PortsFindCommand: ContextCommand {
    private static let suggestions = 5

    static let configuration = CommandConfiguration(
        commandName: "portless ports find",
        abstract: "Suggest blocks of so many free ports in a row.",
        usage: "portless ports find [<n>] [--json]",
        discussion: "They are free now; `portless ports lease` keeps them for an app.",
    )

    @Flag(help: "Print the blocks as JSON.")
    var json = false

    @OptionGroup var leftovers: Leftovers

    func run(_ context: CommandContext) throws {
        let words = try leftovers.words(atMost: 1, in: "ports find", flags: ["--json"])
        let count = try Self.count(words.first ?? "1")
        let directory = try context.stateDirectory()
        let plan = try PortPlan.current(in: directory)
        let blocks = try plan.blocks(
            of: count,
            atMost: Self.suggestions,
            among: LeaseStore(directory: directory).list(),
            isFree: context.isFree,
        )
        if json {
            let list = blocks.map { block in
                JSONValue.object([
                    "first": .integer(block.first.number), "last": .integer(block.last.number),
                ])
            }
            context.console.print(JSONValue.object(["blocks": .array(list)]).formatted)
        } else {
            for block in blocks { context.console.print(block.text) }
        }
        guard !blocks.isEmpty else { throw LeaseError.noRoom(count: count, ranges: plan.ranges) }
    }

    private static func count(_ text: String) throws -> Int {
        guard let count = Int(text), (1...65535).contains(count) else {
            throw Failure(
                "\"\(text)\" is no number of ports.",
                remedy: "Usage: portless ports find <n>, for example: portless ports find 3",
            )
        }
        return count
    }
}
