import PortlessCore

/// A project under construction while its files are read.
struct ProjectDraft {
    /// The most problems that are reported.
    private static let maximumUnresolved = 500

    var processes: [ProcessDraft] = []
    private(set) var dependencies: [DetectedDependency] = []
    private(set) var unresolved: [Unresolved] = []
    /// The processes of scripts that start servers of other packages, with all their ports.
    private(set) var delegating: [DetectedProcess] = []
    var pm2Home: String?
    /// The index of each problem in `unresolved`.
    private var places: [Unresolved: Int] = [:]
    private let budget: ReadingBudget

    init(_ budget: ReadingBudget) {
        self.budget = budget
    }

    mutating func report(_ problem: Unresolved) {
        let key = problem.asPartOfReadable
        guard let place = places[key] else {
            guard unresolved.count < Self.maximumUnresolved else { return }
            places[key] = unresolved.count
            return unresolved.append(problem)
        }
        if problem.isMalformed { unresolved[place].isMalformed = true }
    }

    mutating func report(_ problems: [Unresolved]) {
        for problem in problems { report(problem) }
    }

    /// Adds the declarations of one file, and the problems in it.
    mutating func add(_ other: ProjectDraft, problems: [Unresolved]) {
        processes += other.processes
        for found in other.dependencies {
            addDependency(
                found.name,
                found.port,
                at: found.location,
                isPublished: found.isPublished,
            )
        }
        // A file that declares processes counts as readable, despite problems.
        report(other.processes.isEmpty ? problems : problems.map(\.asPartOfReadable))
        report(other.unresolved.map(\.asPartOfReadable))
    }

    /// All problems in the order of the files, and the declarations that were left out.
    var allUnresolved: [Unresolved] {
        let count = ReadingBudget.maximumPlaces
        let leftOut = budget.firstLeftOut.map { place in
            Unresolved(place, "there are more than \(count) ports or processes: here they end")
        }
        return (unresolved + [leftOut].compactMap(\.self)).sorted()
    }

    mutating func addDependency(
        _ name: String,
        _ port: Port,
        at location: SourceLocation,
        isPublished: Bool = false,
    ) {
        var dependency = DetectedDependency(name: name, port: port, location: location)
        dependency.isPublished = isPublished
        let isKnown = dependencies.contains { $0.name == name && $0.port == port }
        if !isKnown, budget.takePort(at: location) { dependencies.append(dependency) }
    }

    /// Records where a process listens, unless the project has too many ports already.
    func add(_ source: PortSource, to draft: inout ProcessDraft) {
        if budget.takePort(at: source.location) { draft.add(source) }
    }

    /// Whether other processes have all of these declarations already.
    func knows(_ sources: [PortSource]) -> Bool {
        var unknown = Set(sources.map(\.location))
        for process in processes { unknown.subtract(process.sources.map(\.location)) }
        return unknown.isEmpty
    }

    /// Leaves the servers that a script starts in other packages to those packages' processes.
    mutating func settleDelegates() {
        let homes = processes.filter { $0.folders.allSatisfy { [start = $0.start] in $0 == start } }
        let known = Dictionary(grouping: homes) { $0.start }
        for index in processes.indices.reversed() {
            let draft = processes[index]
            let all = draft.folders.filter { $0 != draft.start }.compactMap { known[$0] }
            guard !all.isEmpty else { continue }
            let theirs = Set(all.joined().flatMap(\.sources).map(\.location))
            let others = all.compactMap(\.first)
            var own = ProcessDraft(name: draft.name, directory: draft.start)
            for source in draft.sources where !theirs.contains(source.location) { own.add(source) }
            var whole = own
            for other in others {
                for port in other.ports {
                    let isTaken = whole.ports.contains { $0.label == port.label }
                    whole.ports.append(isTaken ? .init(label: other.name, port: port.port) : port)
                }
            }
            delegating.insert(whole.process, at: 0)
            processes[index].ports = own.ports
            processes[index].sources = own.sources
        }
        let names = Set(delegating.map(\.name))
        processes.removeAll { $0.sources.isEmpty && names.contains($0.name) }
    }

    /// Adds the ports in its tools' own files.
    mutating func addPorts(
        ofTools tools: [ToolConfiguration.Use],
        read reader: ProjectReader,
        to draft: inout ProcessDraft,
    ) {
        for use in tools {
            guard let port = use.port(of: reader, into: &self) else { continue }
            let main = PortLabels.main(
                ofProcess: draft.name,
                running: CommandWords.kind(of: draft.commands),
            )
            add(
                port,
                named: String(use.tool.rule.split(separator: " ").last ?? ""),
                label: use.tool.label ?? main,
                rule: use.tool.rule,
                to: &draft,
            )
        }
    }

    /// Whether there is room for another process.
    func mayAddProcess(at location: SourceLocation) -> Bool {
        budget.takeProcess(at: location)
    }

    /// Records a port where the value gives one, else why it gives none.
    mutating func add(
        _ value: ConfigurationValue,
        named name: String,
        label: String,
        rule: String,
        to draft: inout ProcessDraft,
    ) {
        switch PortReading(value, named: name) {
        case .problem(let problem): report(problem)
        case .port(let port):
            let source = PortSource(
                label: label,
                port: port,
                location: value.origin,
                rule: rule,
                description: value.comment,
                overriddenBy: value.overriddenBy,
            )
            add(source, to: &draft)
        }
    }
}

/// A process under construction, while several files add ports.
struct ProcessDraft {
    var name: String
    /// Where its server runs, relative to the project; nil where it lies outside or is unknown.
    var directory: String?
    /// Where its commands start, which may lead elsewhere.
    let start: String?
    /// Where the servers of its commands run.
    var folders: [String] = []
    var ports: [DetectedProcess.LabeledPort] = []
    var sources: [PortSource] = []
    var usesVite = false
    /// Whether one of its commands certainly serves.
    var serves = false
    /// Whether it counts without a known port.
    var isListed = false
    /// Whether one of several servers on its line shows pages, at a port that isn't known.
    var showsPagesWithoutPort = false
    /// The tools whose own files may have its ports.
    var tools: [ToolConfiguration.Use] = []
    /// The commands that start it, to find their tools' own files.
    var commands: [ConfigurationValue] = []

    init(name: String, directory: String?) {
        self.name = name
        self.directory = directory
        start = directory
    }

    /// Records a declaration; the first one of a label decides its port.
    ///
    /// A variable whose label `PORT` has already is a port of its own.
    mutating func add(_ source: PortSource) {
        var source = source
        // One place read by two ways, as Vite's own file and `.env`.
        if sources.contains(where: { $0.isSame(as: source) }) { return }
        if let variable = source.variable, !["PORT", "VITE_PORT"].contains(variable),
            sources.contains(where: {
                $0.label == source.label && $0.variable == "PORT" && $0.port != source.port
            })
        {
            source.label += "2"
        }
        sources.append(source)
        guard !ports.contains(where: { $0.label == source.label }) else { return }
        ports.append(.init(label: source.label, port: source.port))
    }

    /// Adds Vite where no command line shows how it runs.
    mutating func completeTools() {
        guard let directory, !tools.contains(where: { $0.tool.rule == ToolConfiguration.vite.rule })
        else { return }
        tools.append(.init(viteIn: directory))
    }

    /// Takes out the ports, which are those of the server beside its pages.
    mutating func splitOffServer() -> ProcessDraft {
        var server = self
        server.name = "\(name)-\(ports.first?.label ?? "api")"
        (ports, sources, isListed) = ([], [], true)
        return server
    }

    var isOnlyListed: Bool { isListed && sources.isEmpty }

    func has(_ label: String) -> Bool { ports.contains { $0.label == label } }

    var process: DetectedProcess {
        DetectedProcess(name: name, ports: ports, sources: sources, directory: directory ?? "")
    }
}

extension PortSource {
    fileprivate func isSame(as other: PortSource) -> Bool {
        port == other.port && label == other.label && location == other.location
            && rule != other.rule
    }

    /// The environment variable that gives the port, if any.
    var variable: String? {
        rule.split(separator: " ").last.map(String.init)
            .flatMap { PortLabels.isPortVariable($0) ? $0 : nil }
    }
}

/// The port in a value: a number from 1 to 65535, or the reason why it isn't one.
enum PortReading {
    case port(Port)
    case problem(Unresolved)

    init(_ value: ConfigurationValue, named name: String) {
        if let problem = value.problem {
            let reason = "\(name): \(problem.reason)"
            self = .problem(Unresolved(file: problem.file, line: problem.line, reason: reason))
            return
        }
        let written = value.text?.trimmingBlanks
        switch value.kind {
        case .number(let number):
            guard let port = Int(exactly: number).flatMap({ Port($0) }) else { break }
            self = .port(port)
            return
        case .string:
            guard let port = written.flatMap({ Port($0) }) else { break }
            self = .port(port)
            return
        case .undefined:
            self = .problem(Unresolved(value.origin, "\(name) is not defined"))
            return
        default: break
        }
        let text = written ?? "this"
        let reason =
            text == "0"
            ? "\(name) is 0: the port is chosen when it runs"
            : "\(name): \"\(text)\" is not a port (1 to 65535)"
        self = .problem(Unresolved(value.origin, reason))
    }
}
