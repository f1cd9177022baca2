import PortlessCore
import Projects
import SystemPackage

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
