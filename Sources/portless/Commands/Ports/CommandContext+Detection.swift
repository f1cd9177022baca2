import HostSystem
import PortlessCore
import Projects
import SystemPackage

extension CommandContext {
    /// The folder of a project that the user has named.
    func projectDirectory(_ path: String) throws -> FilePath {
        guard let directory = FileSystem.canonical(resolve(path)),
            let status = try FileStatus.of(directory), status.isDirectory
        else {
            throw Failure(
                "\(path) is not a directory.",
                remedy: "Name the folder of a project, such as the current one: .",
            )
        }
        return directory
    }

    /// What the project's own files say about its ports.
    func detectedProject(
        in directory: FilePath,
        files: ProjectFiles? = nil,
    ) -> DetectedProject {
        ProjectDetection.detect(
            directory: directory,
            files: files ?? .directory(directory),
            home: environment["HOME"],
        )
    }

    /// The same with the name that the app is registered by: a linked worktree has its own.
    func registrableProject(in directory: FilePath) -> DetectedProject {
        var detected = detectedProject(in: directory)
        if let prefix = GitRepository.worktreePrefix(in: directory, askBranch: askBranch) {
            detected.name = "\(prefix).\(detected.name)"
        }
        return detected
    }
}
