package import PortlessCore
package import SystemPackage

/// All processes that a project's files declare.
package struct DeclaredProcesses: Hashable, Sendable {
    package var processes: [DeclaredProcess]
    /// Declared settings that have no effect here, each as a sentence.
    package var notes: [String]
    /// The environment names for which a process has its own variables.
    package var environments: [String]

    package init(
        processes: [DeclaredProcess] = [],
        notes: [String] = [],
        environments: [String] = [],
    ) {
        self.processes = processes
        self.notes = notes
        self.environments = environments
    }
}

extension DeclaredProcesses {
    /// Gives each process the ports that the files declare under its name.
    package mutating func addPorts(of detected: DetectedProject) {
        for index in processes.indices where processes[index].ports.isEmpty {
            let process = processes[index]
            let names = [process.declaredName, process.name] + process.instanceNames
            let detected = (detected.delegating + detected.processes)
                .first { names.contains($0.name) }
            let found = detected?.ports ?? []
            processes[index].ports = found
            guard let port = process.environment["PORT"].flatMap({ Port($0) }),
                detected?.isOverruled(port) != true
            else { continue }
            // The port of its own command line comes first, even where "ports" omits it.
            processes[index].ports.removeAll { $0.port == port }
            let label = found.first { $0.port == port }?.label ?? process.ownLabel
            processes[index].ports.insert(.init(label: label, port: port), at: 0)
        }
    }

    /// Refuses two processes that are to listen on one port: the server of the one would answer
    /// under the other's name.
    package func refuseSharedPorts(of detected: DetectedProject) throws(DeclarationError) {
        var seen: [Port: DeclaredProcess] = [:]
        for process in processes {
            let names = [process.declaredName, process.name] + process.instanceNames
            let found = detected.processes.first { names.contains($0.name) }
            for first in Set(process.ports.map(\.port)) {
                let listens =
                    process.environment["PORT"].flatMap { Port($0) } == first
                    || found?.sources.contains { $0.port == first && $0.isListening } == true
                guard listens else { continue }
                // Its instances have consecutive ports.
                for number in 0..<process.instances {
                    guard let port = Port(first.number + number) else { break }
                    guard let other = seen.updateValue(process, forKey: port), other != process
                    else { continue }
                    throw .samePort(port, other.place, process.place)
                }
            }
        }
    }

    /// Adds or changes processes according to `processes` of the project's configuration.
    package mutating func apply(
        _ configured: [ConfiguredProcess],
        root: FilePath,
        file: String = "portless.json",
    ) throws(DeclarationError) {
        for entry in configured {
            if let index = processes.firstIndex(where: { $0.name == entry.name }) {
                entry.change(&processes[index], root: root)
                continue
            }
            guard let command = entry.command else {
                throw .noCommand(entry.name, file: file)
            }
            var process = DeclaredProcess(name: entry.name, command: command, directory: root)
            process.wantsPort =
                entry.labels.map { !$0.isEmpty } ?? entry.serves(in: CommandFolder(root))
            process.showsPages = entry.kind == .pages
            entry.change(&process, root: root)
            processes.append(process)
        }
        try check()
    }

    /// Refuses ambiguous names, and dependencies that can never be met.
    private func check() throws(DeclarationError) {
        try checkNames()
        let names = processes.map(\.name)
        for process in processes {
            for name in process.dependencies where !names.contains(name) {
                throw .unknownDependency(name, of: process.name, known: names)
            }
        }
        var open = processes
        while true {
            let before = open.count
            let waiting = Set(open.map(\.name))
            open.removeAll { waiting.isDisjoint(with: $0.dependencies) }
            if open.isEmpty { return }
            if open.count == before { throw .circle(open.map(\.name)) }
        }
    }

    private func checkNames() throws(DeclarationError) {
        var seen: [String: DeclaredProcess] = [:]
        for process in processes {
            for name in process.instanceNames {
                if let other = seen.updateValue(process, forKey: name) {
                    throw .sameName(name, other.place, process.place)
                }
            }
        }
    }
}

extension DetectedProcess {
    /// Whether the port is declared, but another one of the same label takes precedence, as where
    /// `next -p` stands against `PORT`.
    fileprivate func isOverruled(_ port: Port) -> Bool {
        !ports.contains { $0.port == port } && sources.contains { $0.port == port }
    }
}

extension DeclaredProcess {
    /// The label of its main port, by what it is called and what it runs.
    package var mainLabel: String {
        PortLabels.main(
            ofProcess: declaredName ?? name,
            running: showsPages ? .pages : .other,
        )
    }

    /// The process's own name as a label.
    package var ownLabel: String {
        let text = DNSLabel.sanitized(name)
        return Label(text) == nil || PortLabels.isReserved(text) ? "app" : text
    }

    /// The names of its instances.
    package var instanceNames: [String] {
        instances == 1 ? [name] : (0..<instances).map { "\(name)-\($0)" }
    }

    /// Its name and location.
    fileprivate var place: String {
        let place = origin.map { " (\($0.file):\($0.line))" } ?? ""
        return "\"\(declaredName ?? name)\"\(place)"
    }
}

/// A process as a project's own files declare it, before it gets ports and names.
package struct DeclaredProcess: Hashable, Sendable {
    package var name: String
    /// Its name in the file, where that isn't a valid process name.
    package var declaredName: String?
    /// The location of its declaration, if known.
    package var origin: SourceLocation?
    /// Why it can't be started now.
    package var obstacle: DeclarationError?
    /// The program and its arguments.
    package var command: [String]
    package var directory: FilePath
    package var environment: [String: String] = [:]
    /// What `env` of the project's configuration adds; of two of one name the later one counts.
    package var templates: [ConfiguredVariable] = []
    package var restart = RestartSettings.gentle
    package var killTimeout = Duration.seconds(5)
    package var memoryLimit: Int64?
    package var outputFile: FilePath?
    package var errorFile: FilePath?
    package var dependencies: [String] = []
    /// The number of its instances, on consecutive ports.
    package var instances = 1
    /// The variable that is incremented for each instance.
    package var instanceVariable: String?
    /// The variable that gets the instance's number.
    package var numberVariable: String?
    /// The ports that the files give it, the one that is its `PORT` first.
    package var ports: [DetectedProcess.LabeledPort] = []
    /// The labels of its ports; nil derives them from other facts about the process.
    package var labels: [String]?
    /// Whether it serves, as far as its declaration shows.
    package var wantsPort = false
    /// Whether it serves pages, like Vite or Next.
    package var showsPages = false
    /// How it is asked whether it is ready.
    package var health: HealthCheck?
    /// The names that lead to it, where it is a package with names of its own.
    package var appNames: [AppName] = []

    package init(name: String, command: [String], directory: FilePath) {
        self.name = name
        self.command = command
        self.directory = directory
    }
}

/// Why a project's declared processes can't run.
package enum DeclarationError: Error, Hashable, CustomStringConvertible {
    case unresolved(Unresolved, what: String)
    case wrong(Unresolved)
    case unreadable(SourceError)
    case noThread(FilePath)
    case noCommand(String, file: String)
    case invalidName(String)
    case unknownDependency(String, of: String, known: [String])
    case circle([String])
    case sameName(String, String, String)
    case samePort(Port, String, String)
    case missingScript(FilePath, of: String, at: SourceLocation)
    case otherUser(String, key: String, of: String, at: SourceLocation)

    package var description: String {
        switch self {
        case .unresolved(let problem, let what):
            """
            \(what) can't be worked out (\(problem.file):\(problem.line): \(problem.reason)). \
            Write a value there that can be read without running the file.
            """
        case .wrong(let problem):
            "\(problem.file):\(problem.line): \(problem.reason)."
        case .unreadable(let error):
            "\(error). \(error.isOverBudget ? "Make it smaller." : "Repair the file.")"
        case .noThread(let root):
            "The system has no thread left to read \(root) with. Try again when fewer programs run."
        case .noCommand(let name, let file):
            """
            The process "\(name)" in \(file) has no "command", and nothing else declares it. \
            Give it one.
            """
        case .invalidName(let name):
            "\"\(name)\" can't name a process: use letters, digits, and - _ . : within."
        case .unknownDependency(let name, let process, let known):
            """
            "\(process)" depends on "\(name)", which isn't there. \
            There are: \(known.joined(separator: ", ")).
            """
        case .circle(let names):
            """
            These processes wait for one another: \(names.joined(separator: ", ")). \
            Take one of the dependencies out.
            """
        case .sameName(let name, let first, let second):
            """
            \(first) and \(second) would both run as "\(name)". Give one of them another name.
            """
        case .samePort(let port, let first, let second):
            "\(first) and \(second) would both listen on port \(port). Give one of them another."
        case .missingScript(let script, let name, let place):
            """
            "\(name)" can't start: \(script), which \(place.file):\(place.line) names, isn't there. \
            Was it \(script.string.contains("node_modules/") ? "installed" : "built")?
            """
        case .otherUser(let user, let key, let name, let place):
            """
            "\(name)" is to run with \(key) "\(user)" (\(place.file):\(place.line)), which isn't \
            supported, and it would run as root. Take the line out, or bring it up as that user.
            """
        }
    }
}
