import HostSystem
import PortlessCore
import Projects
import Runner
import SystemPackage

/// The apps, and the processes of the project here, that the words of a command mean.
struct AppSelection: Equatable {
    struct Choice: Equatable {
        var app: String
        /// What it is called without its worktree's prefix; nil in the main checkout.
        var base: String?
        /// The project's folder; nil where it isn't known.
        var directory: FilePath?
        /// Nil for all of them.
        var processes: [String]?
    }

    var choices: [Choice] = []

    /// Takes each word for the project's name, else an app's, else that of a process of the project
    /// here.
    ///
    /// Without words the project in the working directory is meant. `refusal` says why only the
    /// written name of an app may be taken: the project here can't be read, or another folder has
    /// its app.
    init(
        _ words: [String],
        here: Choice?,
        known: [Choice],
        processes: [String],
        refusal: (any Error)? = nil,
    ) throws {
        let apps = [here].compactMap(\.self) + known
        guard !words.isEmpty else {
            choices = [try Self.meant(here, refusal)]
            return
        }
        for word in words {
            // In a worktree the project's name means the app of this folder, as with `get`.
            if let here, here.base == word.lowercased() {
                let app = try Self.meant(here, refusal)
                if !choices.contains(app) { choices.append(app) }
            } else if let app = apps.first(where: { $0.app == word.lowercased() }) {
                if !choices.contains(app) { choices.append(app) }
            } else if let process = Self.process(word, among: processes) {
                add(process, of: try Self.meant(here, refusal))
            } else {
                guard let here else { throw refusal ?? Failure.noProject }
                let apps = Set(apps.map(\.app)).sorted().joined(separator: ", ")
                let own = processes.joined(separator: ", ")
                throw Failure(
                    "\"\(word)\" is neither an app nor a process of \(here.app).",
                    remedy: "Apps: \(apps)." + (own.isEmpty ? "" : " Processes: \(own)."),
                    outcome: .notFound,
                )
            }
        }
    }

    private static func meant(_ here: Choice?, _ refusal: (any Error)?) throws -> Choice {
        if let refusal { throw refusal }
        guard let here else { throw Failure.noProject }
        return here
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
    ///
    /// `command` is one that works on what was brought up. It doesn't need the files of the project,
    /// and works on an app of another folder only by that app's written name.
    init(_ words: [String], _ context: CommandContext, for command: String? = nil) throws {
        let (directory, folder) = (try context.stateDirectory(), context.workingDirectory)
        let stored = StoredApps.list(in: directory)
        var known = stored.map { Choice(app: $0.name.description, directory: $0.directory) }
        for app in try AppRegistry(directory: directory).list() {
            guard let name = try? AppName(parsing: app.name),
                !known.contains(where: { $0.app == name.description })
            else { continue }
            known.append(Choice(app: name.description, directory: app.directory))
        }
        var (here, refusal): (Choice?, (any Error)?)
        do {
            let configuration = try ProjectConfiguration.load(in: folder)
            let naming = try context.project.commonNaming(configuration)
            here = Choice(
                app: naming.name.description,
                base: naming.baseName?.description,
                directory: folder,
            )
        } catch {
            here = command == nil ? nil : known.first { $0.directory == folder }
            if here == nil { refusal = error }
        }
        let app = stored.first { $0.name.description == here?.app }
        if let command, let app, app.problem == nil, app.directory != folder {
            refusal = Failure.ofAnotherFolder(
                app,
                remedy: "If that one is meant, say its name: portless \(command) \(app.name)",
            )
        }
        var processes = app?.processes.map(\.name) ?? []
        if !words.isEmpty {
            processes += Self.declaredProcesses(context).filter { !processes.contains($0) }
        }
        try self.init(words, here: here, known: known, processes: processes, refusal: refusal)
    }

    /// Refuses apps that were never brought up.
    func refuseUnknown(_ context: CommandContext) throws {
        let known = Set(StoredApps.list(in: try context.stateDirectory()).map(\.name.description))
        for choice in choices where !known.contains(choice.app) {
            throw Failure.neverUp(choice.app)
        }
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

extension Failure {
    fileprivate static let noProject = Failure("There is no project here.")

    static func neverUp(_ app: String) -> Failure {
        Failure(
            "\(app) was never brought up.",
            remedy: "`portless ps` shows what runs in the background.",
            outcome: .notFound,
        )
    }

    /// Two folders whose apps are called alike would end each other's processes.
    static func ofAnotherFolder(_ app: SupervisedApp, remedy: String) -> Failure {
        let runs = app.processes.contains(where: \.state.isActive)
        return Failure(
            "An app called \(app.name) \(runs ? "runs" : "was brought up") from \(app.directory).",
            remedy: remedy,
        )
    }
}
