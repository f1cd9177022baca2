import ArgumentParser
import PortlessCore

/// `portless ports find <n>`: blocks of free ports.
struct PortsFindCommand: ContextCommand {
    private static let suggestions = 5

    static let configuration = CommandConfiguration(
        commandName: "find",
        abstract: "Suggest blocks of so many free ports in a row.",
        discussion: "They are free now; `portless ports lease` keeps them for an app.",
    )

    @Flag(help: "Print the blocks as JSON.")
    var json = false

    @Argument(help: "How many ports in a row.")
    var count = 1

    func run(_ context: CommandContext) throws {
        guard (1...65535).contains(count) else {
            throw Failure(
                "\(count) is no number of ports.",
                remedy: "Usage: portless ports find <n>, for example: portless ports find 3",
            )
        }
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
}
