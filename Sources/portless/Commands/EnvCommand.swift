import ArgumentParser
import HostSystem
import PortlessCore
import Projects
import SystemPackage

/// `portless env`: what an app is told, for tools that run outside of Portless.
struct EnvCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "env",
        abstract: "Print what an app of this project is told: its ports, URLs, and \"env\".",
        discussion: """
            Of several processes it is the one that people open. The app's ports are leased if they \
            aren't yet. With --write the variables stand between two comments of the file, and \
            the rest of it stays: portless env --write .env.local
            """,
    )

    @Option(
        help: "dotenv, json, or shell, as in: eval \"$(portless env --format shell)\"",
        completion: .list(EnvironmentFormat.allCases.map(\.rawValue)),
    )
    var format: String?

    @Option(
        help: "Put them into this file of the project, in place of what was written there last."
    )
    var write: String?

    @Option(help: "Another process of the project.")
    var process: String?

    func run(_ context: CommandContext) throws {
        let format = try chosenFormat()
        let variables = try AppPlanner(context: context, mayBeEmpty: true).told(process)
        let lines = format.lines(of: variables)
        guard let write else {
            for line in lines { context.console.print(line) }
            return
        }
        guard format != .json else {
            throw Failure(
                "JSON can't be a part of \(write).",
                remedy: "Write it there with: portless env --format json > \(write)",
            )
        }
        let file = try ProjectFile(write, context)
        try file.replaceBlock(with: lines)
        context.console.say("Wrote \(variables.count) variables into \(file.path).")
    }

    private func chosenFormat() throws -> EnvironmentFormat {
        guard let format else { return .dotenv }
        guard let chosen = EnvironmentFormat(rawValue: format) else {
            let known = EnvironmentFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw Failure("There is no format \"\(format)\".", remedy: "There are: \(known).")
        }
        return chosen
    }
}

/// A file of the project that Portless writes a part of.
private struct ProjectFile {
    /// Where the file really is, after symbolic links.
    let path: FilePath

    /// Refuses what lies outside of the project's folder, directly or by a symbolic link.
    init(_ text: String, _ context: CommandContext) throws {
        let written = context.resolve(text)
        guard let folder = FileSystem.canonical(context.workingDirectory),
            let name = written.lastComponent,
            let parent = FileSystem.canonical(written.removingLastComponent())
        else {
            throw Failure(
                "The folder of \(written) isn't there.",
                remedy: "Name a file in an existing folder, such as .env.local.",
            )
        }
        var path = parent.appending(name)
        if SymbolicLink.target(path) != nil {
            // One that leads nowhere can't be shown to lead to a place within the folder.
            path = FileSystem.canonical(path) ?? "/"
        }
        guard path.starts(with: folder), path != folder else {
            throw Failure(
                "\(written) lies outside of \(folder).",
                remedy: "Name a file of the project, such as .env.local.",
            )
        }
        self.path = path
    }

    func replaceBlock(with lines: [String]) throws {
        let status = try FileStatus.of(path)
        let bytes = try AtomicFile.readIfPresent(path) ?? []
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure("\(path) isn't text in UTF-8.", remedy: "Name another file.")
        }
        let changed: String
        do throws(DotenvBlock.Damage) {
            changed = try DotenvBlock.replaced(in: text, by: lines)
        } catch {
            throw Failure(
                "\(path):\(error.line): where the part that Portless wrote begins and ends is damaged.",
                remedy: "Remove its lines that begin with \"# portless:\", and what it wrote.",
            )
        }
        guard changed != text else { return }
        // It may hold the password of a database.
        try AtomicFile.write(changed.utf8, to: path, mode: status?.permissions ?? .ownerReadWrite)
    }
}
