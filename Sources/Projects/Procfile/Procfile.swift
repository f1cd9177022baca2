package import PortlessCore
package import SystemPackage

/// A Procfile: one program on each line, as foreman and Heroku run them.
package struct Procfile: Hashable, Sendable {
    /// The program that runs once, before the others.
    package static let release = "release"

    /// The file names by precedence.
    static let names = ["Procfile.dev", "Procfile.local", "Procfile"]

    /// The file's path within the project.
    package let file: String
    package let entries: [ProcfileEntry]
    /// The numbers of the lines that are neither programs nor comments.
    package let strayLines: [Int]

    /// The programs in a folder's Procfile; nil without a Procfile.
    package static func load(in folder: FilePath) throws -> Procfile? {
        try ProjectReader.read(folder) { reader throws(ProjectConfigurationError) in
            do throws(SourceError) {
                return try read(in: "", of: reader)
            } catch {
                throw .json(error, in: folder)
            }
        }?
        .checked(in: folder)
    }

    /// The variables that a folder's `.env` adds for the programs.
    package static func environment(
        in folder: FilePath,
        beside known: [String: String],
    ) throws -> [String: String] {
        try ProjectReader.read(folder) { DotenvFile.environment(of: $0, beside: known) }
    }

    /// This Procfile, if all its programs can run side by side.
    func checked(in folder: FilePath) throws(ProcfileError) -> Procfile {
        let path = folder.appending(file)
        guard !entries.isEmpty else { throw .noProgram(path) }
        if let (first, second) = namesakes { throw .sameName(path, first, second) }
        return self
    }

    /// The Procfile of a directory of a project.
    static func read(
        in directory: String,
        of reader: ProjectReader,
    ) throws(SourceError) -> Procfile? {
        for name in names {
            if let source = try reader.source(ProjectPath.join(directory, name)) {
                return Procfile(source)
            }
        }
        return nil
    }

    init(_ source: SourceText) {
        var entries: [ProcfileEntry] = []
        var strayLines: [Int] = []
        for (number, range) in source.lines {
            let line = source.string(range)
            let location = SourceLocation(file: source.file, line: number, range: range)
            if let entry = ProcfileEntry(line, at: location) {
                entries.append(entry)
            } else if !line.trimmingBlanks.isEmpty, !line.trimmingBlanks.hasPrefix("#") {
                strayLines.append(number)
            }
        }
        file = source.file
        self.entries = entries
        self.strayLines = strayLines
    }

    /// A sentence for each invalid line, which is skipped.
    package var warnings: [String] {
        strayLines.map { "Line \($0) of \(file) is left out: it isn't \"name: command\"." }
    }

    /// The first two programs whose names become the same part of a hostname.
    private var namesakes: (ProcfileEntry, ProcfileEntry)? {
        var first: [String: ProcfileEntry] = [:]
        for entry in entries {
            let label = DNSLabel.sanitized(entry.name)
            if let other = first[label] { return (other, entry) }
            first[label] = entry
        }
        return nil
    }
}

/// One line of a Procfile: a program by name.
package struct ProcfileEntry: Hashable, Sendable {
    package let name: String
    /// A shell command.
    package let command: String
    package let location: SourceLocation

    package init(name: String, command: String, location: SourceLocation) {
        self.name = name
        self.command = command
        self.location = location
    }

    /// Whether the program gets a name.
    package func serves(in folder: CommandFolder) -> Bool {
        ServerCommand.serves(command, named: name, in: folder) ?? false
    }

    /// Whether it serves pages.
    package func showsPages(in folder: CommandFolder) -> Bool {
        ServerCommand.showsPages(command, in: folder)
    }

    /// Nil for an invalid line; foreman allows letters, digits, `_` and `-` in names.
    init?(_ line: String, at location: SourceLocation) {
        guard let colon = line.firstIndex(of: ":") else { return nil }
        let name = line[..<colon]
        let isName = name.allSatisfy { character in
            character.isASCII
                && (character.isLetter || character.isNumber || "_-".contains(character))
        }
        let command = line[line.index(after: colon)...].trimmingBlanks
        guard isName, !name.isEmpty, !command.isEmpty else { return nil }
        self.init(name: String(name), command: command, location: location)
    }
}

/// Why a Procfile can't be run.
package enum ProcfileError: Error, Hashable, CustomStringConvertible {
    case noProgram(FilePath)
    case sameName(FilePath, ProcfileEntry, ProcfileEntry)

    package var description: String {
        switch self {
        case .noProgram(let path):
            "\(path) names no program.\nWrite one \"name: command\" a line, or remove the file."
        case .sameName(let path, let first, let second):
            """
            \(first.name) (line \(first.location.line)) and \(second.name) \
            (line \(second.location.line)) of \(path) would have the same name.
            Rename one of them.
            """
        }
    }
}

/// The ports in the commands of a Procfile.
extension Procfile {
    /// False where a directory has no Procfile with a process.
    static func addProcesses(
        in directory: String,
        of reader: ProjectReader,
        to project: inout ProjectDraft,
    ) -> Bool {
        let procfile: Procfile?
        do {
            procfile = try read(in: directory, of: reader)
        } catch {
            project.report(Unresolved(malformed: error))
            return false
        }
        guard let procfile else { return false }
        for line in procfile.strayLines {
            let reason = "\"name: command\" is expected here"
            project.report(Unresolved(file: procfile.file, line: line, reason: reason))
        }
        let variables = DotenvFile.variables(in: directory, of: reader)
        var drafts: [ProcessDraft] = []
        var places: [String: Int] = [:]
        for entry in procfile.entries {
            let place = places[entry.name] ?? drafts.count
            if place == drafts.count {
                guard project.mayAddProcess(at: entry.location) else { break }
                places[entry.name] = place
                drafts.append(ProcessDraft(name: entry.name, directory: directory))
            }
            // `PORT` is the port of one program only; the others get ports of their own.
            let hasPORT = procfile.entries.count == 1 || entry.name == "web"
            procfile.addPorts(
                of: entry,
                in: CommandFolder(directory, of: reader),
                variables: variables.filter { $0.key != "PORT" || hasPORT },
                to: &drafts[place],
                &project,
            )
        }
        project.processes += drafts
        return !drafts.isEmpty
    }

    private func addPorts(
        of entry: ProcfileEntry,
        in folder: CommandFolder,
        variables: [String: ConfigurationValue],
        to draft: inout ProcessDraft,
        _ project: inout ProjectDraft,
    ) {
        let command = ConfigurationValue(.string(entry.command), at: entry.location)
        draft.commands.append(command)
        project.addPorts(
            of: command,
            rule: ProjectPath.name(of: file),
            in: folder,
            variables: variables,
            to: &draft,
        )
    }
}
