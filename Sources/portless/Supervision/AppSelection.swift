import HostSystem
import PortlessCore
import Projects
import Runner
import SystemPackage

/// The apps, and the processes of the project here, that the words of a command mean.
struct AppSelection: Equatable {
    struct Choice: Equatable {
        var app: String
        /// The project's folder; nil where it isn't known.
        var directory: FilePath?
        /// Nil for all of them.
        var processes: [String]?
    }

    var choices: [Choice] = []

    /// Takes each word for an app's name, else for that of a process of the project here.
    ///
    /// Without words the project in the working directory is meant.
    init(_ words: [String], here: Choice, known: [Choice], processes: [String]) throws {
        guard !words.isEmpty else {
            choices = [here]
            return
        }
        for word in words {
            if let app = ([here] + known).first(where: { $0.app == word.lowercased() }) {
                if !choices.contains(app) { choices.append(app) }
            } else if let process = Self.process(word, among: processes) {
                add(process, of: here)
            } else {
                let apps = Set(([here] + known).map(\.app)).sorted().joined(separator: ", ")
                let own = processes.joined(separator: ", ")
                throw Failure(
                    "\"\(word)\" is neither an app nor a process of \(here.app).",
                    remedy: "Apps: \(apps)." + (own.isEmpty ? "" : " Processes: \(own)."),
                )
            }
        }
    }

    /// A process by its name here, or by the one that its file gives it.
    static func process(_ word: String, among names: [String]) -> String? {
        if names.contains(word) { return word }
        return ProcessName.made(of: word).flatMap { names.contains($0) ? $0 : nil }
    }

    private mutating func add(_ process: String, of app: Choice) {
        guard let index = choices.firstIndex(where: { $0.app == app.app }) else {
            var choice = app
            choice.processes = [process]
            choices.append(choice)
            return
        }
        // The whole app includes the process.
        if choices[index].processes?.contains(process) == false {
            choices[index].processes?.append(process)
        }
    }
}

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
