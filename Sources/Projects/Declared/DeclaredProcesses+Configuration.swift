import PortlessCore
package import SystemPackage

extension DeclaredProcesses {
    /// Adds what `processes` of the project's configuration says, and changes what it speaks of.
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
            process.wantsPort = entry.labels.map { !$0.isEmpty } ?? entry.serves
            entry.change(&process, root: root)
            processes.append(process)
        }
        try check()
    }

    /// Refuses names that mean two processes, and dependencies that can never be met.
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

extension DeclaredProcess {
    /// The names that its instances run under.
    package var instanceNames: [String] {
        instances == 1 ? [name] : (0..<instances).map { "\(name)-\($0)" }
    }

    /// What it is called, and where.
    fileprivate var place: String {
        let place = origin.map { " (\($0.file):\($0.line))" } ?? ""
        return "\"\(declaredName ?? name)\"\(place)"
    }
}
