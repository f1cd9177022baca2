import PortlessCore

/// What files beside a process manager's own say of the processes that it manages.
extension ProjectReader {
    /// Gives the port of a directory's `.env` to the one process there that serves and has none.
    ///
    /// `managed` are the processes of the manager's file; what any of them has is never changed.
    mutating func completeFromDotenv(_ managed: Range<Int>) {
        for directory in directories(of: managed) {
            let all = managed.filter { findings.processes[$0].directory == directory }
            let serving = all.filter { all.count == 1 || findings.processes[$0].serves }
            guard serving.count == 1, let index = serving.first,
                findings.processes[index].ports.isEmpty
            else { continue }
            var draft = findings.processes[index]
            let showsPages = draft.commands.contains {
                CommandWords($0).runs(ScannedPackage.pageTools)
            }
            let dotenv = DotenvPorts(
                directory: directory,
                configuration: configuration,
                labelOfPort: PortLabels.labelOfService(named: draft.name, servesPages: showsPages),
                readsOthers: all.count == 1,
            )
            dotenv.read(into: &draft, &findings)
            findings.processes[index] = draft
        }
    }

    /// What the manager's file doesn't tell: it would count if there were no such file.
    mutating func unmanaged(_ managed: Range<Int>, projectName: String) -> [DetectedProcess] {
        let known = Set(managed.flatMap { findings.processes[$0].sources.map(\.location) })
        return directories(of: managed).compactMap { directory in
            var beside = Findings(configuration.evaluator.budget)
            var unit = ProjectUnit(
                directory: directory,
                names: Set(
                    configuration.list(directory).filter { !$0.isDirectory }.map(\.name)
                ),
                configuration: configuration,
            )
            unit.read(named: directory.isEmpty ? projectName : nil, into: &beside)
            var image = ProcessDraft(name: projectName, directory: directory)
            Dockerfile.read(in: directory, of: configuration, into: &image, &beside)
            for found in beside.dependencies {
                findings.addDependency(found.name, found.port, found.location)
            }
            var process = image
            process.sources = []
            var seen = known
            for source in beside.processes.flatMap(\.sources) + image.sources
            where seen.insert(source.location).inserted {
                process.add(source)
            }
            return process.sources.isEmpty ? nil : process.process
        }
    }

    private func directories(of managed: Range<Int>) -> [String] {
        Set([""] + managed.compactMap { findings.processes[$0].directory }).sorted()
    }
}

extension ProcessDraft {
    /// Whether a process of several is one that serves, by foreman's rule: it is called `web`, or
    /// asks for the port.
    fileprivate var serves: Bool {
        !ports.isEmpty || name == "web"
            || commands.contains { command in
                CommandWords(command).words.contains {
                    $0.text.contains("$PORT") || $0.text.contains("${PORT")
                }
            }
    }
}
