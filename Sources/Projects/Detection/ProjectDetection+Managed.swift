import PortlessCore

/// The declarations of other files for processes that a process manager manages.
extension ProjectDetection {
    /// Gives the port in a directory's `.env` to the one process there that serves and has none.
    ///
    /// `managed` are the processes of the manager's file; existing ports never change.
    /// `loadsDotenv` is whether the manager itself loads the file, as foreman does.
    mutating func completeFromDotenv(_ managed: Range<Int>, loadsDotenv: Bool) {
        for directory in directories(of: managed) {
            let all = managed.filter { project.processes[$0].directory == directory }
            let serving = all.filter { all.count == 1 || project.processes[$0].asksForPort }
            guard serving.count == 1, let index = serving.first,
                project.processes[index].ports.isEmpty
            else { continue }
            var draft = project.processes[index]
            let commands = draft.commands.flatMap { CommandWords($0).commands() }
            let dotenv = DotenvPorts(
                directory: directory,
                reader: reader,
                labelOfPort: PortLabels.main(
                    ofProcess: draft.name,
                    running: CommandWords.kind(of: draft.commands),
                ),
                readsPORT: commands.contains { $0.readsPORT(loadingDotenv: loadsDotenv) },
                readsOthers: all.count == 1,
            )
            dotenv.read(into: &draft, &project)
            project.processes[index] = draft
        }
    }

    /// The declarations that would count without the manager's file.
    mutating func unmanaged(_ managed: Range<Int>, projectName: String) -> [DetectedProcess] {
        let known = Set(managed.flatMap { project.processes[$0].sources.map(\.location) })
        return directories(of: managed).compactMap { directory in
            var beside = ProjectDraft(reader.evaluator.budget)
            let app = AppDirectory(
                directory: directory,
                names: names(in: directory),
                reader: reader,
                // What runs here is known, so an image isn't it.
                imagesElsewhere: [directory],
            )
            app.read(named: directory.isEmpty ? projectName : nil, into: &beside)
            for found in beside.dependencies {
                project.addDependency(found.name, found.port, at: found.location)
            }
            var process = ProcessDraft(name: projectName, directory: directory)
            var seen = known
            for source in beside.processes.flatMap(\.sources)
            where seen.insert(source.location).inserted {
                process.add(source)
            }
            return process.sources.isEmpty ? nil : process.process
        }
    }

    /// Names the files that may give a managed process the port that it lacks.
    mutating func reportUnread(beside managed: Range<Int>) {
        for directory in directories(of: managed) {
            UnreadFile.report(in: directory, with: names(in: directory), of: reader, to: &project)
        }
    }

    private func names(in directory: String) -> Set<String> {
        Set(reader.list(directory).filter { !$0.isDirectory }.map(\.name))
    }

    private func directories(of managed: Range<Int>) -> [String] {
        Set([""] + managed.compactMap { project.processes[$0].directory }).sorted()
    }
}

extension ProcessDraft {
    /// Whether a process of several is the one that `PORT` is for, by foreman's rule: it is called
    /// `web`, or asks for the port.
    fileprivate var asksForPort: Bool {
        !ports.isEmpty || name == "web"
            || commands.contains { command in
                CommandWords(command).words.contains { ServerCommand.mentionsPort($0.text) }
            }
    }
}
