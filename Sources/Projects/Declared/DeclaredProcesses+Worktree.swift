import PortlessCore

/// In a linked worktree the declared ports are those of the main checkout, which may run as well.
extension DeclaredProcesses {
    /// Has the app's block give the ports that speak HTTP or that a variable tells, in place of the
    /// declared numbers; `localhost:<port>` in variables follows.
    ///
    /// A number on a command line or in a tool's own file, such as a debugger's, stays.
    package mutating func leaseDeclaredPorts() {
        var labels: Set<String> = []
        var moved: [Port: String] = [:]
        for index in processes.indices {
            let process = processes[index]
            let told = Set(
                process.environment.filter { PortLabels.isPortVariable($0.key) }.values
                    .compactMap { Port($0) }
            )
            let leased = process.ports.filter {
                PortLabels.speaksHTTP($0.label) || told.contains($0.port)
            }
            guard !leased.isEmpty else { continue }
            let names = leased.map { port in
                let candidates = [
                    port.label, process.ownLabel, "\(process.ownLabel)-\(port.label)",
                    "port\(port.port)",
                ]
                return candidates.first { labels.insert($0.lowercased()).inserted } ?? port.label
            }
            for (port, name) in zip(leased, names) where moved[port.port] == nil {
                moved[port.port] = name
            }
            processes[index].ports.removeAll(where: leased.contains)
            processes[index].labels = names
            processes[index].wantsPort = true
            if process.environment["PORT"].flatMap({ Port($0) }) == leased.first?.port {
                processes[index].environment["PORT"] = nil
            }
        }
        for index in processes.indices { processes[index].follow(moved) }
    }
}

extension DeclaredProcess {
    /// Turns variables with ports that have moved into templates.
    fileprivate mutating func follow(_ moved: [Port: String]) {
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) {
            let template: EnvironmentTemplate?
            if PortLabels.isPortVariable(name) {
                template = Port(value).flatMap { moved[$0] }.map(EnvironmentTemplate.init(portOf:))
            } else {
                template = EnvironmentTemplate(value, following: moved)
            }
            guard let template else { continue }
            environment[name] = nil
            let place = origin ?? SourceLocation(file: ProjectConfiguration.file, line: 1)
            templates.insert(
                ConfiguredVariable(name: name, template: template, location: place),
                at: 0,
            )
        }
    }
}
