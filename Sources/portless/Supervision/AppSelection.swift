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

extension AppSelection {
    /// What the words of a command mean, by what is known of apps without asking the server.
    init(_ words: [String], _ context: CommandContext) throws {
        let (directory, folder) = (try context.stateDirectory(), context.workingDirectory)
        let stored = StoredApps.list(in: directory)
        let naming = try context.project.commonNaming(try ProjectConfiguration.load(in: folder))
        var known = stored.map { Choice(app: $0.name.description, directory: $0.directory) }
        for app in try AppRegistry(directory: directory).list() {
            guard let name = try? AppName(parsing: app.name),
                !known.contains(where: { $0.app == name.description })
            else { continue }
            known.append(Choice(app: name.description, directory: app.directory))
        }
        var processes = stored.first { $0.name == naming.name }?.processes.map(\.name) ?? []
        if !words.isEmpty {
            processes += Self.declaredProcesses(context).filter { !processes.contains($0) }
        }
        try self.init(
            words,
            here: Choice(app: naming.name.description, directory: folder),
            known: known,
            processes: processes,
        )
    }

    /// The names of the processes that the project here declares; none where it can't be read.
    private static func declaredProcesses(_ context: CommandContext) -> [String] {
        guard let configuration = try? ProjectConfiguration.load(in: context.workingDirectory),
            let declared = try? ProjectDeclarations(context: context, configuration: configuration)
                .read()
        else { return [] }
        return declared.processes.flatMap(\.instanceNames)
    }
}
