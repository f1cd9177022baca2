import HostSystem
import PortlessCore
import Projects
import Runner
import SystemPackage

extension CommandContext {
    /// What the words of a command mean, with what is known of apps without asking anybody.
    func selectApps(_ words: [String]) throws -> AppSelection {
        let stored = StoredApps.list(in: try stateDirectory())
        let naming = try projectNaming(try ProjectConfiguration.load(in: workingDirectory))
        let here = AppSelection.Choice(app: naming.name.description, directory: workingDirectory)
        var known = stored.map { app in
            AppSelection.Choice(app: app.name.description, directory: app.directory)
        }
        for app in try AppRegistry(directory: stateDirectory()).list() {
            guard let name = try? AppName(parsing: app.name),
                !known.contains(where: { $0.app == name.description })
            else { continue }
            known.append(.init(app: name.description, directory: app.directory))
        }
        var processes = stored.first { $0.name == naming.name }?.processes.map(\.name) ?? []
        if !words.isEmpty {
            processes += declaredProcesses().filter { !processes.contains($0) }
        }
        return try AppSelection(
            words,
            here: here,
            known: known,
            processes: processes,
        )
    }

    /// The names of the processes that the project here declares; none where it can't be read.
    private func declaredProcesses() -> [String] {
        guard let configuration = try? ProjectConfiguration.load(in: workingDirectory),
            let declared = try? ProjectDeclarations(context: self, configuration: configuration)
                .read()
        else { return [] }
        return declared.processes.flatMap(\.instanceNames)
    }

    /// This context in another project's folder.
    func moved(to directory: FilePath?) -> CommandContext {
        var context = self
        if let directory { context.workingDirectory = directory }
        return context
    }
}
