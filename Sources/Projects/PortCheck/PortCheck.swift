package import PortlessCore

/// Finds ports in projects' declarations that will clash, be refused or be lost.
package struct PortCheck {
    package struct Project {
        /// The directory as the user gave it.
        package var path: String
        package var detected: DetectedProject
        package var lease: PortLease?

        package init(path: String, detected: DetectedProject, lease: PortLease? = nil) {
            self.path = path
            self.detected = detected
            self.lease = lease
        }

        /// A file of the project as findings show it, with its line.
        func shown(_ place: SourceLocation) -> String {
            "\(shown(place.file)):\(place.line)"
        }

        func shown(_ file: String) -> String { path == "." ? file : "\(path)/\(file)" }
    }

    private struct Declaration {
        var project: Project
        var process: DetectedProcess
        var source: PortSource

        /// Whether it is the port of a container that is another way to run the process.
        var isOnlyForContainer: Bool {
            source.rule.hasPrefix("Dockerfile")
                || source.rule.hasPrefix("compose") && process.port(source.label) != source.port
        }
    }

    private let projects: [Project]
    private let systemEphemeral: PortRange?
    private let elsewhere: [PortClaim]

    /// `elsewhere` are the claims of other apps of this machine.
    package init(
        _ projects: [Project],
        systemEphemeral: PortRange?,
        elsewhere: [PortClaim] = [],
    ) {
        self.projects = projects
        self.systemEphemeral = systemEphemeral
        self.elsewhere = elsewhere
    }

    /// The findings by project, file and line; those without a line come first.
    package var findings: [PortFinding] {
        var all = duplicates
        for project in projects {
            all += unresolved(in: project)
            all += numbers(in: project)
            all += declaredTwice(in: project)
            all += declaredDifferently(in: project)
            all += againstLease(project)
            all += againstOthers(project)
            all += sharedWithin(project)
            all += publishedTwice(in: project)
            all += gaps(in: project)
        }
        return all.sorted {
            ($0.project, $0.file ?? "", $0.line ?? 0, $0.message)
                < ($1.project, $1.file ?? "", $1.line ?? 0, $1.message)
        }
    }

    private func declarations(in project: Project) -> [Declaration] {
        project.detected.processes.flatMap { process in
            process.sources.map { Declaration(project: project, process: process, source: $0) }
        }
    }

    /// Includes the declarations that a process manager's file overrides: a run of the app without
    /// the manager uses them.
    private func allDeclarations(in project: Project) -> [Declaration] {
        let managed = declarations(in: project)
        let ports = Set(managed.map(\.source.port))
        return managed + unmanaged(in: project).filter { !ports.contains($0.source.port) }
    }

    private func unmanaged(in project: Project) -> [Declaration] {
        project.detected.unmanaged.flatMap { process in
            process.sources.map { Declaration(project: project, process: process, source: $0) }
        }
    }

    private func unresolved(in project: Project) -> [PortFinding] {
        // Values from the caller's environment, or decided at the start, are intentionally open.
        project.detected.unresolved.filter { !$0.isLeftOpen }.map { problem in
            PortFinding(
                level: problem.isMalformed ? .error : .note,
                rule: problem.isMalformed ? .malformed : .unresolved,
                message: problem.reason,
                project: project.path,
                file: problem.file,
                line: problem.line,
            )
        }
    }

    // MARK: Single ports

    private func numbers(in project: Project) -> [PortFinding] {
        var seen: Set<PortSource> = []
        return declarations(in: project).filter { seen.insert($0.source).inserted }
            .flatMap { declaration in
                let port = declaration.source.port
                var findings: [PortFinding] = []
                let isNamed = PortLabels.speaksHTTP(declaration.source.label)
                if isNamed, BrowserBlockedPorts.contains(port) {
                    let message = "browsers refuse to open port \(port)"
                    findings.append(finding(.error, of: .browserBlocked, message, at: declaration))
                }
                // The database on its own port is the program that is expected there.
                let isStore = Dependencies.servers.values.contains(declaration.source.label)
                if !isStore, isExpectedElsewhere(port) {
                    let message = "port \(port) is one that other programs expect to have"
                    findings.append(finding(.warning, of: .wellKnown, message, at: declaration))
                }
                if let systemEphemeral, systemEphemeral.contains(port) {
                    let message =
                        "port \(port) lies in \(systemEphemeral), from where the system takes ports for outgoing connections"
                    findings.append(
                        finding(.warning, of: .ephemeralRange, message, at: declaration)
                    )
                }
                return findings
            }
    }

    /// Whether a program beside the projects needs this well-known port; for a mere framework's
    /// default, only if a project connects to it.
    private func isExpectedElsewhere(_ port: Port) -> Bool {
        guard WellKnownPorts.contains(port) else { return false }
        return !WellKnownPorts.areDefaults(port)
            || projects.contains { $0.detected.dependencies.contains { $0.port == port } }
    }

    // MARK: Several ports

    /// One label of one process in several places: with two numbers, one of them is out of date;
    /// with the same one in several files, it will be some day.
    private func declaredTwice(in project: Project) -> [PortFinding] {
        project.detected.processes.flatMap { process in
            process.sources.compactMap { source in
                guard let port = process.port(source.label),
                    let first = process.sources.first(where: {
                        $0.label == source.label && $0.port == port
                    })
                else { return nil }
                // `.env.local` is there to replace values of `.env`.
                let isLayer =
                    first.isOfDotenv && source.isOfDotenv
                    && first.location.file != source.location.file
                let declaration = Declaration(project: project, process: process, source: source)
                guard !isLayer, !declaration.isOnlyForContainer else { return nil }
                guard port == source.port else {
                    if let variable = source.variable, let other = first.variable,
                        variable != other
                    {
                        let message =
                            "\(variable) is \(source.port) and has no label of its own: \(source.label) is \(other), \(port)"
                        return finding(.note, of: .declaredTwice, message, at: declaration)
                    }
                    let message =
                        "\(process.name) has \(source.label) at \(source.port) here, but at \(port) elsewhere"
                    return finding(.warning, of: .declaredTwice, message, at: declaration)
                }
                guard first.location.file != source.location.file else { return nil }
                let place = project.shown(first.location)
                let message = "\(process.name) has \(source.label) at \(port) here and in \(place)"
                return finding(.note, of: .declaredTwice, message, at: declaration)
            }
        }
    }

    /// A file beside the process manager's with another port for one of its processes.
    private func declaredDifferently(in project: Project) -> [PortFinding] {
        let known = Set(
            declarations(in: project).map(\.source.port)
                + project.detected.dependencies.map(\.port)
        )
        return unmanaged(in: project).compactMap { declaration in
            let port = declaration.source.port
            guard !known.contains(port), let managed = managed(declaration) else { return nil }
            let (process, source) = (managed.process, managed.source)
            let place = project.shown(source.location)
            let message =
                "port \(port) here, but \(process.name) has \(source.label) at \(source.port) in \(place)"
            return finding(.warning, of: .declaredTwice, message, at: declaration)
        }
    }

    /// The managed process that a declaration is about: the one with its label, or the only one
    /// there.
    private func managed(_ declaration: Declaration) -> Declaration? {
        let project = declaration.project
        let processes = project.detected.processes.filter { process in
            process.directory == declaration.process.directory && !process.ports.isEmpty
        }
        let label = declaration.source.label
        let labels = label == "ui" ? ["ui", "devUi"] : [label]
        let isMain = declaration.source.isListening
        let found =
            processes.lazy.flatMap { process in process.ports.map { (process, $0) } }
            .first { labels.contains($0.1.label) }
            ?? (isMain && processes.count == 1
                ? processes[0].ports.first.map { (processes[0], $0) } : nil)
        guard let (process, labeled) = found,
            let source = process.sources.first(where: {
                $0.label == labeled.label && $0.port == labeled.port
            })
        else { return nil }
        return Declaration(project: project, process: process, source: source)
    }

    private func againstLease(_ project: Project) -> [PortFinding] {
        guard let lease = project.lease, let range = lease.range else { return [] }
        return declarations(in: project).compactMap { declaration in
            let (label, port) = (declaration.source.label, declaration.source.port)
            guard !declaration.isOnlyForContainer else { return nil }
            if let leased = lease.port(label), leased != port {
                // Two processes may both have an `api`; one of them is the lease's.
                let isElsewhere = project.detected.processes.contains { $0.port(label) == leased }
                if isElsewhere { return nil }
                let message = "\(label) is \(port) here, but \(leased) is leased for it"
                var result = finding(.error, of: .differsFromLease, message, at: declaration)
                result.wanted = leased
                return result
            }
            guard !range.contains(port) else { return nil }
            let message = "port \(port) lies outside of the block \(range) of \(lease.app)"
            return finding(.warning, of: .outsideBlock, message, at: declaration)
        }
    }

    private func againstOthers(_ project: Project) -> [PortFinding] {
        var reported: Set<Port> = []
        return allDeclarations(in: project).compactMap { declaration in
            let port = declaration.source.port
            guard let claim = elsewhere.first(where: { $0.port == port }),
                reported.insert(port).inserted
            else { return nil }
            let message =
                "port \(port) is \(claim.origin.rawValue) as \(claim.label) of \(claim.app) on this machine"
            return finding(.error, of: .duplicate, message, at: declaration)
        }
    }

    /// Two processes of a project that both listen on one port; both naming it, as producer and
    /// consumer do, is no conflict.
    private func sharedWithin(_ project: Project) -> [PortFinding] {
        var first: [Port: Declaration] = [:]
        var reported: Set<Port> = []
        return declarations(in: project).compactMap { declaration in
            let port = declaration.source.port
            guard declaration.source.isListening,
                declaration.process.port(declaration.source.label) == port
            else { return nil }
            guard let other = first[port] else {
                first[port] = declaration
                return nil
            }
            let place = other.source.location
            // Scripts of one package are usually two ways to start the same server.
            let isSameScripts =
                place.file == declaration.source.location.file
                && place.file.hasSuffix("package.json")
            guard other.process.name != declaration.process.name, !isSameScripts,
                reported.insert(port).inserted
            else { return nil }
            let message =
                "port \(port) is also what \(other.process.name) listens on, at \(project.shown(place))"
            return finding(.error, of: .duplicateProcess, message, at: declaration)
        }
    }

    /// Two services of compose files that publish the same port of this machine, of which only one
    /// can start; services of different profiles may never run together.
    private func publishedTwice(in project: Project) -> [PortFinding] {
        var published = declarations(in: project).filter { $0.source.rule == "compose ports" }
            .map { (name: $0.process.name, port: $0.source.port, place: $0.source.location) }
        published += project.detected.dependencies.filter(\.isPublished)
            .map { ($0.name, $0.port, $0.location) }
        published.sort { ($0.place.file, $0.place.line) < ($1.place.file, $1.place.line) }
        return published.indices.compactMap { index in
            let (name, port, place) = published[index]
            guard
                let other = published[..<index].first(where: { $0.port == port && $0.name != name })
            else { return nil }
            return PortFinding(
                level: .warning,
                rule: .duplicateProcess,
                message: "port \(port) is also what \(other.name) publishes, at "
                    + "\(project.shown(other.place)): only one of them can start",
                project: project.path,
                file: place.file,
                line: place.line,
                process: name,
                port: port,
            )
        }
    }

    /// Gaps in a group of ports that looks like a block; ports far apart don't.
    ///
    /// Only an app with a lease has a block to keep together.
    private func gaps(in project: Project) -> [PortFinding] {
        guard project.lease != nil else { return [] }
        let all = declarations(in: project).filter { declaration in
            let (process, source) = (declaration.process, declaration.source)
            guard let port = process.port(source.label), port != source.port else { return true }
            // Two variables of one label are two ports.
            let first = process.sources.first { $0.label == source.label && $0.port == port }
            return source.variable != nil && first?.variable != nil
                && first?.variable != source.variable
        }
        let ports = Set(all.map(\.source.port)).sorted()
        return zip(ports, ports.dropFirst()).compactMap { low, high in
            guard (2...10).contains(high.number - low.number),
                let first = Port(low.number + 1), let last = Port(high.number - 1),
                let gap = PortRange(first: first, last: last),
                let declaration = all.first(where: { $0.source.port == high })
            else { return nil }
            let message = "\(gap.text) is a gap between \(low) and \(high)"
            return finding(.note, of: .gap, message, at: declaration)
        }
    }

    /// Apps that can't run at the same time.
    ///
    /// Within one project, producer and consumer may name the same port.
    private var duplicates: [PortFinding] {
        var first: [Port: Declaration] = [:]
        var findings: [PortFinding] = []
        for project in projects {
            var reported: Set<Port> = []
            for declaration in allDeclarations(in: project) {
                let port = declaration.source.port
                guard let other = first[port] else {
                    first[port] = declaration
                    continue
                }
                guard other.project.path != project.path, reported.insert(port).inserted else {
                    continue
                }
                let message =
                    "port \(port) is also \(other.process.name)'s of \(other.project.detected.name), at \(other.project.path)/\(other.source.location.file):\(other.source.location.line)"
                findings.append(finding(.error, of: .duplicate, message, at: declaration))
            }
        }
        return findings
    }

    private func finding(
        _ level: PortFinding.Level,
        of rule: PortFinding.Rule,
        _ message: String,
        at declaration: Declaration,
    ) -> PortFinding {
        PortFinding(
            level: level,
            rule: rule,
            message: message,
            project: declaration.project.path,
            file: declaration.source.location.file,
            line: declaration.source.location.line,
            process: declaration.process.name,
            label: declaration.source.label,
            port: declaration.source.port,
        )
    }
}

extension PortSource {
    /// Whether a `.env` file declares it.
    fileprivate var isOfDotenv: Bool { rule.hasPrefix(".env") }

    /// Whether the process listens there, and doesn't just connect.
    var isListening: Bool {
        let word = rule.split(separator: " ").last ?? ""
        return word == "PORT" || word.hasPrefix("-") || word.hasSuffix(".port") || word == "bind"
            || word == CommandWords.PortFlag.argument
    }
}
