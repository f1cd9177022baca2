import ArgumentParser
import PortlessCore
import Projects
import SystemPackage

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

/// The projects that `portless ports check` was asked to look at, with what it holds them against.
struct CheckedProjects {
    let check: PortCheck
    let projects: [PortCheck.Project]
    /// By the project's path, as it was given.
    let folders: [String: FilePath]

    /// Every port that any of them declares.
    var ports: Set<Port> {
        Set(projects.flatMap { $0.detected.processes.flatMap { $0.sources.map(\.port) } })
    }

    init(_ paths: [String], _ context: CommandContext) throws {
        let state = try context.stateDirectory()
        let leases = try LeaseStore(directory: state).list()
        let apps = try AppRegistry(directory: state).list()
        var folders: [String: FilePath] = [:]
        var projects: [PortCheck.Project] = []
        for path in paths {
            let project = try Project(at: path, context)
            guard !folders.values.contains(project.folder) else { continue }
            folders[path] = project.folder
            let detected = project.detected()
            let app = try? AppName(parsing: DNSLabel.sanitizingEach(detected.name))
                .prefixed(by: project.worktreePrefix)
            projects.append(
                PortCheck.Project(
                    path: path,
                    detected: detected,
                    lease: leases.first { $0.app == app },
                )
            )
        }
        let own = Set(projects.compactMap(\.lease?.app))
        let others = PortClaims(
            leases: leases.filter { !own.contains($0.app) },
            apps: apps.filter { app in !folders.values.contains { $0 == app.directory } },
            routes: [],
        )
        self.folders = folders
        self.projects = projects
        check = PortCheck(
            projects,
            systemEphemeral: .systemEphemeral,
            elsewhere: others.list,
        )
    }
}

/// How many findings there are of each level.
struct FindingSummary: Equatable {
    let errors: Int
    let warnings: Int
    let notes: Int

    init(_ findings: [PortFinding]) {
        errors = findings.count { $0.level == .error }
        warnings = findings.count { $0.level == .warning }
        notes = findings.count { $0.level == .note }
    }

    var text: String {
        [(errors, "error"), (warnings, "warning"), (notes, "note")]
            .map { count, noun in "\(count) \(noun)\(count == 1 ? "" : "s")" }
            .joined(separator: ", ")
    }

    func json(_ findings: [PortFinding]) -> JSONValue {
        .object([
            "findings": .array(findings.map(\.json)),
            "errors": .integer(errors),
            "warnings": .integer(warnings),
            "notes": .integer(notes),
        ])
    }
}
