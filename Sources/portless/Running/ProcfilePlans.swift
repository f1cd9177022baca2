import HostSystem
import PortlessCore
import Projects
import Runner
import SystemPackage

/// The programs of the working directory's Procfile.
struct ProcfilePlans {
    let context: CommandContext
    let configuration: ProjectConfiguration

    /// A plan for each program, each with a port.
    ///
    /// What people open gets the project's own name, other servers get one below it, as `up` has
    /// them, and the rest none.
    func plans() throws -> [AppPlan] {
        let folder = context.workingDirectory
        guard let procfile = try Procfile.load(in: folder) else { return [] }
        for warning in procfile.warnings { context.console.warn(warning) }
        let project = try configuration.app.name ?? NameInference.infer(in: folder).name
        let environment = try Procfile.environment(in: folder, beside: context.environment)
        let serving = serving(procfile)
        let main = MainProcess.index(among: serving)
        let prefix = context.project.worktreePrefix
        return try programs(of: procfile).map { entry in
            let index = serving.firstIndex { $0.name == entry.name }
            let isMain = index != nil && index == main
            let name = try index.map { index in
                let label = Self.label(of: serving[index], among: serving)
                return try AppName(parsing: isMain ? project : "\(label).\(project)")
            }
            return AppPlan(
                label: entry.name,
                name: try name?.prefixed(by: prefix),
                directory: folder,
                command: ["sh", "-c", entry.command],
                fixedPort: isMain ? configuration.app.appPort : nil,
                baseName: prefix == nil ? nil : name,
                ports: isMain ? configuration.app.ports : [],
                wantsPort: true,
                environment: environment,
            )
        }
    }

    /// Those that run side by side: what has to end before the others start isn't one of them.
    private func programs(of procfile: Procfile) -> [ProcfileEntry] {
        let programs = procfile.entries.filter { $0.name != Procfile.release }
        guard !programs.isEmpty, programs.count < procfile.entries.count else {
            return procfile.entries
        }
        context.console.say(
            "-- \(Procfile.release) is left out. `portless up` runs it once, before the others."
        )
        return programs
    }

    private func serving(_ procfile: Procfile) -> [MainProcess.Candidate] {
        let folder = CommandFolder(context.workingDirectory)
        let detected = context.project.detected().processes
        return procfile.entries.filter { entry in entry.serves(in: folder) }
            .map { entry in
                MainProcess.Candidate(
                    name: entry.name,
                    label: detected.first { $0.name == entry.name }?.ports.first?.label
                        ?? entry.name,
                    showsPages: entry.showsPages(in: folder),
                )
            }
    }

    /// The label, where it says which program is meant, else the program's own name.
    private static func label(
        of candidate: MainProcess.Candidate,
        among all: [MainProcess.Candidate],
    ) -> String {
        let isUnique = all.count { $0.label == candidate.label } == 1
        return DNSLabel.sanitized(isUnique ? candidate.label : candidate.name)
    }
}
