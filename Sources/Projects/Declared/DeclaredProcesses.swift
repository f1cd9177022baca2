import PortlessCore
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
            let detected = detected.processes.first { names.contains($0.name) }
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

    /// Adds or changes processes according to `processes` of the project's configuration.
    package mutating func apply(
        _ configured: [ConfiguredProcess],
        root: FilePath,
        file: String = "portless.json",
    ) throws(DeclarationError) {
        let manifest = PackageManifest(in: root)
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
                entry.labels.map { !$0.isEmpty } ?? entry.serves { manifest?.script($0) }
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
