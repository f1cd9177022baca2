import ArgumentParser
import PortlessCore
import Projects

/// `portless ports detect [dir]`: what a project's own files say.
struct PortsDetectCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "detect",
        abstract: "Show the ports that a project's own files declare, each with its place.",
        discussion: """
            Reads ecosystem files, package.json, Vite's configuration, .env files, Procfiles, compose \
            files, Dockerfiles and portless.json, and the settings of Spring, Nx, Deno, Composer, Flask \
            and puma. Nothing of it is executed; what can't be known by \
            reading is listed with the reason. Ends with 1 where a file is broken.
            """,
    )

    @Flag(help: "Print the result as JSON.")
    var json = false

    @Argument(help: "The project's folder.")
    var dir = "."

    func run(_ context: CommandContext) throws {
        let project = try Project(at: dir, context)
        let detected = project.detected()
        if json {
            context.console.print(detected.json.formatted)
        } else {
            let text = detected.text
            if !text.isEmpty { context.console.print(text) }
        }
        if let problem = detected.malformed.first {
            throw Failure(
                "\(problem.file):\(problem.line) can't be understood: \(problem.reason).",
                remedy: "Repair the file; what the others say is printed.",
            )
        }
        if !detected.declaresPorts, !json {
            let names = (detected.processes + detected.withoutPort).map(\.name).joined(
                separator: ", "
            )
            let processes = names.isEmpty ? "" : " Its processes: \(names)."
            context.console.say(detected.whyEmpty(in: "\(project.folder)") + processes)
        }
    }
}
