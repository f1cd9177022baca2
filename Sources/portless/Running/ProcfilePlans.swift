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
            let own = try AppName(parsing: project)
            let below = try index.flatMap { index in
                try ProcessNames.label(of: serving[index], among: serving)
                    .map { try own.prefixed(by: DNSLabel.sanitized($0)) }
            }
            let name = isMain ? own : below
            return AppPlan(
                label: entry.name,
                furtherName: isMain && serving.count > 1 ? try below?.prefixed(by: prefix) : nil,
                name: try name?.prefixed(by: prefix),
                directory: folder,
                command: ["sh", "-c", entry.command],
                fixedPort: isMain ? configuration.app.appPort : nil,
                baseName: prefix == nil ? nil : name,
                ports: isMain ? configuration.app.ports : [],
                wantsPort: true,
                environment: environment,
                variables: configuration.app.environment,
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

    /// The programs that serve, each with the label of its main port.
    private func serving(_ procfile: Procfile) -> [MainProcess.Candidate] {
        let directory = context.workingDirectory
        let folder = CommandFolder(directory)
        var declared = DeclaredProcesses(
            processes: procfile.entries.map { entry in
                var process = DeclaredProcess(name: entry.name, command: [], directory: directory)
                process.wantsPort = entry.serves(in: folder)
                process.showsPages = entry.showsPages(in: folder)
                return process
            }
        )
        declared.addPorts(of: context.project.detected())
        let ports = ProcessPorts(declared.processes)
        return ports.instances.filter(\.declared.wantsPort).map { instance in
            MainProcess.Candidate(
                name: instance.name,
                label: ports.mainLabel(of: instance) ?? instance.name,
                showsPages: instance.declared.showsPages,
            )
        }
    }
}
