import ArgumentParser
import PortlessCore
import Projects

/// `portless ports check [dir…]`: what will clash, for people and for CI.
struct PortsCheckCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Look for ports that will clash, be refused or be lost.",
        usage: "portless ports check [<dir>…] [--json | --sarif | --fix [--yes]]",
        discussion: """
            Checks the projects in the folders (this one, if none is named) against each other, \
            against their leases and against what other apps have. Ends with 1 if there are errors.

            --fix rewrites the numbers that are errors, to the leased port or to a free one, after \
            showing the change. If a single one can't be rewritten for sure, none is.
            """,
    )

    @Flag(help: "Print the findings as JSON.")
    var json = false

    @Flag(help: "Print the findings as SARIF 2.1.0, which code hosts show beside the lines.")
    var sarif = false

    @Flag(help: "Rewrite the ports that are errors.")
    var fix = false

    @Flag(name: .shortAndLong, help: "With --fix, don't ask.")
    var yes = false

    @Argument(help: "The projects' folders.")
    var dirs = ["."]

    func run(_ context: CommandContext) throws {
        guard [json, sarif, fix].count(where: { $0 }) < 2 else {
            throw Failure("--json, --sarif and --fix exclude each other.", remedy: "Choose one.")
        }
        var checked = try CheckedProjects(dirs, context)
        if fix, try PortsFix(checked: checked, context: context).perform(asking: !yes) {
            checked = try CheckedProjects(dirs, context)
        }
        let findings = checked.check.findings
        let summary = FindingSummary(findings)
        if json {
            context.console.print(summary.json(findings).formatted)
        } else if sarif {
            let report = SARIFReport(findings, version: Portless.version)
            context.console.print(report.json.formatted)
        } else {
            for finding in findings { context.console.print(finding.text) }
            context.console.say(summary.text)
        }
        if summary.errors > 0 { throw ExitCode(Failure.exitCode) }
    }
}
