import HostSystem
import PortlessCore
import Projects
import SystemPackage

/// A project's folder, and what its own files say.
struct Project: Sendable {
    let folder: FilePath
    private let context: CommandContext

    init(in folder: FilePath, _ context: CommandContext) {
        self.folder = folder
        self.context = context
    }

    /// The project whose folder the user has named.
    init(at path: String, _ context: CommandContext) throws {
        guard let folder = FileSystem.canonical(context.resolve(path)),
            let status = try FileStatus.of(folder), status.isDirectory
        else {
            throw Failure(
                "\(path) is not a directory.",
                remedy: "Name the folder of a project, such as the current one: .",
            )
        }
        self.init(in: folder, context)
    }

    /// What names get in front in a linked git worktree.
    var worktreePrefix: String? {
        GitRepository.worktreePrefix(in: folder, askBranch: context.askBranch)
    }

    /// What the files say about ports; `files` are those of the folder, or changed ones.
    func detected(_ files: ProjectFiles? = nil) -> DetectedProject {
        ProjectDetection.detect(
            directory: folder,
            files: files ?? .directory(folder),
            home: context.environment["HOME"],
        )
    }

    /// The same with the name that the app is registered by: a linked worktree has its own.
    var registrable: DetectedProject {
        var detected = detected()
        if let prefix = worktreePrefix { detected.name = "\(prefix).\(detected.name)" }
        return detected
    }

    /// The app whose ports are meant: in a linked worktree `branch.name`, as runs call it.
    func leasingApp(_ text: String, usesWorktree: Bool) throws -> AppName {
        let app = try AppName(parsing: text)
        guard usesWorktree, let prefix = worktreePrefix,
            !app.description.hasPrefix(prefix + ".")
        else { return app }
        return try app.prefixed(by: prefix)
    }
}
