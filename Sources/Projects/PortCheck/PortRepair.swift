package import PortlessCore

/// Computes the edits of a project's files that fix its errors.
///
/// Nothing is written. An edit counts only if the edited files, read again, give the new port where
/// it is wanted, and the same result everywhere else: so it can't hit a comment or an equal number
/// of another meaning, in files of any language.
package struct PortRepair {
    private static let maximumCandidates = 16

    private let project: PortCheck.Project
    private let files: ProjectFiles
    private let detect: (ProjectFiles) -> DetectedProject
    private let findings: [PortFinding]

    package init(
        _ project: PortCheck.Project,
        findings: [PortFinding],
        files: ProjectFiles,
        detect: @escaping (ProjectFiles) -> DetectedProject,
    ) {
        self.project = project
        self.files = files
        self.detect = detect
        self.findings = findings.filter {
            $0.project == project.path && $0.level == .error && $0.port != nil
        }
    }

    /// All edits; none without errors.
    ///
    /// `choose` returns this many free ports, for those that must not stay. Throws an error that
    /// names the part that can't be repaired.
    package func edits(choosing choose: (Int) throws -> [Port]) throws -> [PortEdit] {
        let changes = try PortChanges(findings, choosing: choose)
        guard !changes.isEmpty else { return [] }
        var edits: [PortEdit] = []
        for (process, source) in sources {
            guard let new = changes.port(for: source, of: process) else { continue }
            let edit = try edit(source, of: process, to: new)
            if !edits.contains(edit) { edits.append(edit) }
        }
        try verify(edits, changes)
        return edits
    }

    /// The contents of the changed files, by their paths.
    package func contents(
        _ edits: [PortEdit]
    ) throws -> [(file: String, old: [UInt8], new: [UInt8])] {
        try Set(edits.map(\.file)).sorted().compactMap { file in
            guard let bytes = try files.read(file) else { return nil }
            return (file, bytes, edits.applied(to: bytes, of: file))
        }
    }

    private var sources: [(process: String, source: PortSource)] {
        Self.all(project.detected).flatMap { process in
            process.sources.map { (process.name, $0) }
        }
    }

    private static func all(_ project: DetectedProject) -> [DetectedProcess] {
        project.processes + project.unmanaged
    }

    /// The one occurrence of the number whose replacement gives the source its new port.
    private func edit(_ source: PortSource, of process: String, to new: Port) throws -> PortEdit {
        let place = source.location
        guard let range = place.range, let bytes = try files.read(place.file) else {
            throw PortRepairError.computed(source.port, at: project.shown(place))
        }
        let candidates = Self.occurrences(of: source.port, in: bytes, within: range).map { range in
            PortEdit(file: place.file, line: place.line, range: range, old: source.port, new: new)
        }
        // Tries each one by reading the whole project.
        guard candidates.count <= Self.maximumCandidates else {
            throw PortRepairError.computed(source.port, at: project.shown(place))
        }
        let working = candidates.filter { edit in
            Self.all(detected([edit])).contains { other in
                other.name == process
                    && other.sources.contains {
                        $0.label == source.label && $0.rule == source.rule && $0.port == new
                            && $0.location.file == place.file && $0.location.line == place.line
                    }
            }
        }
        guard working.count == 1 else {
            throw PortRepairError.computed(source.port, at: project.shown(place))
        }
        return working[0]
    }

    /// Whole numbers only: 5570 isn't in 15570, 55700 or 5570.5.
    private static func occurrences(
        of port: Port,
        in bytes: [UInt8],
        within range: Range<Int>,
    ) -> [Range<Int>] {
        let digits = Array(port.description.utf8)
        let bounds = range.clamped(to: 0..<bytes.count)
        func isDigit(_ offset: Int) -> Bool {
            bytes.indices.contains(offset) && (0x30...0x39).contains(bytes[offset])
        }
        return bounds.compactMap { start in
            let end = start + digits.count
            guard end <= bounds.upperBound, bytes[start..<end].elementsEqual(digits),
                !isDigit(start - 1), !isDigit(end)
            else { return nil }
            return start..<end
        }
    }

    private func detected(_ edits: [PortEdit]) -> DetectedProject {
        var overlay = files
        let read = files.read
        overlay.read = { path in
            guard let bytes = try read(path) else { return nil }
            return edits.applied(to: bytes, of: path)
        }
        return detect(overlay)
    }

    private func verify(_ edits: [PortEdit], _ changes: PortChanges) throws {
        let after = detected(edits)
        let expected = sources.map { process, source in
            Declared(
                process: process,
                source: source,
                port: changes.port(for: source, of: process) ?? source.port,
            )
        }
        let actual = Self.all(after).flatMap { process in
            process.sources.map { Declared(process: process.name, source: $0, port: $0.port) }
        }
        if let wrong = zip(expected, actual).first(where: { $0 != $1 }) {
            let place = SourceLocation(file: wrong.0.file, line: wrong.0.line)
            throw PortRepairError.shared(wrong.0.port, at: project.shown(place))
        }
        guard expected.count == actual.count,
            after.dependencies.map(\.port) == project.detected.dependencies.map(\.port),
            after.unresolved == project.detected.unresolved
        else { throw PortRepairError.unclear(project.path) }
    }

    private struct Declared: Equatable {
        var process: String
        var label: String
        var rule: String
        var file: String
        var line: Int
        var port: Port

        init(process: String, source: PortSource, port: Port) {
            self.process = process
            label = source.label
            rule = source.rule
            file = source.location.file
            line = source.location.line
            self.port = port
        }
    }
}

/// A number to be replaced in a file of a project.
package struct PortEdit: Hashable, Sendable {
    /// Relative to the project's folder.
    package var file: String
    package var line: Int
    /// The number's own bytes, without quotes and the like.
    package var range: Range<Int>
    package var old: Port
    package var new: Port
}

extension [PortEdit] {
    /// The file's bytes with all edits applied.
    func applied(to bytes: [UInt8], of file: String) -> [UInt8] {
        var result = bytes
        // From the end, so that earlier offsets stay valid.
        let own = filter { $0.file == file }.sorted { $0.range.lowerBound > $1.range.lowerBound }
        for edit in own { result.replaceSubrange(edit.range, with: edit.new.description.utf8) }
        return result
    }
}

/// Why a project's ports can't be repaired by rewriting numbers.
package enum PortRepairError: Error, Hashable, CustomStringConvertible {
    case computed(Port, at: String)
    case shared(Port, at: String)
    case unclear(String)

    package var description: String {
        switch self {
        case .computed(let port, let place):
            """
            Port \(port) at \(place) is not written there as a number of its own, \
            so nothing was changed. Change it by hand.
            """
        case .shared(let port, let place):
            """
            Port \(port) at \(place) would change along with another one, so nothing was \
            changed. Change it by hand.
            """
        case .unclear(let project):
            """
            \(project) would read differently after the change, so nothing was changed. \
            Change its ports by hand.
            """
        }
    }
}
