import ArgumentParser
import PortlessCore

/// `portless ports explain <port>`: all that is known of a port.
struct PortsExplainCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell all that is known of a port: who has it, who listens, what it is for.",
    )

    @Flag(help: "Print it as JSON.")
    var json = false

    @Argument var port: String?

    func run(_ context: CommandContext) throws {
        let port = try Port(argument: port, usage: "portless ports explain <port>")
        let table = try context.portSurvey().table
        let plan = try PortPlan.current(in: context.stateDirectory())
        let sentences = table.explanation(of: port, plan: plan)
        guard json else {
            context.console.print("Port \(port)")
            for sentence in sentences { context.console.print("  \(sentence)") }
            return
        }
        let rows = (table.rows + table.infrastructure).filter { $0.claim.port == port }
        let report: JSONObject = [
            "port": .integer(port.number),
            "claims": .array(rows.map(\.json)),
            "listeners": .array(table.listeners(on: port).map(\.json)),
            "sentences": .array(sentences.map { .string($0) }),
        ]
        context.console.print(JSONValue.object(report).formatted)
    }
}
