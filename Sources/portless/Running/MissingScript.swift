import PortlessCore
import Projects
import SystemPackage

/// A script that was asked for by its name, and that package.json doesn't have.
struct MissingScript: Equatable {
    let name: String
    let folder: FilePath
    /// What package.json has instead; nil where there is none.
    let others: [String]?
    /// Whether the project's configuration asks for it, and not the command line.
    let isConfigured: Bool

    /// Nil where the script is there, or nobody asked for one.
    init?(_ context: CommandContext, _ configuration: ProjectConfiguration) throws {
        guard let name = context.globals.script ?? configuration.app.script else { return nil }
        let manifest = try PackageManifest.load(in: context.workingDirectory)
        guard manifest?.script(name) == nil else { return nil }
        self.name = name
        folder = context.workingDirectory
        others = manifest?.scriptNames
        isConfigured = context.globals.script == nil
    }

    var failure: Failure {
        let file = folder.appending("package.json")
        let remedy =
            switch others {
            case nil: "There is no such file. Run portless in the project's folder."
            case let names? where names.isEmpty: "It has no scripts at all."
            case let names?: "Its scripts: \(names.joined(separator: ", "))."
            }
        let source = isConfigured ? " The project's portless configuration asks for it." : ""
        return Failure(
            "No command provided: there is no script \"\(name)\" in \(file).",
            remedy: remedy + source,
        )
    }
}
