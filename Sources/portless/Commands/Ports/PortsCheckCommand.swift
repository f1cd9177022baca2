import ArgumentParser
import PortlessCore

/// `portless ports check [dir…]`: what will clash, for people and for CI.
struct PortsCheckCommand: ContextCommand {
    private static let flags = ["--json"]

    static let configuration = CommandConfiguration(
        commandName: "portless ports check",
        abstract: "Look for ports that will clash, be refused or be lost.",
        usage: "portless ports check [<dir>…] [--json]",
        discussion: """
            Checks the projects in the folders (this one, if none is named) against each other, \
            against their leases and against what other apps have. Ends with 1 if there are errors.
            """,
    )

    @Flag(help: "Print the findings as JSON.")
    var json = false

    @OptionGroup var leftovers: Leftovers

    func run(_ context: CommandContext) throws {
        let words = try leftovers.words(in: "ports check", flags: Self.flags)
        let check = try CheckedProjects(words.isEmpty ? ["."] : words, context).check
        let findings = check.findings
        let summary = FindingSummary(findings)
        if json {
            context.console.print(summary.json(findings).formatted)
        } else {
            for finding in findings { context.console.print(finding.text) }
            context.console.say(summary.text)
        }
        if summary.errors > 0 { throw ExitCode(Failure.exitCode) }
    }
}
