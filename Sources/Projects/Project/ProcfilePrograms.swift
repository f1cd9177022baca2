import HostSystem
import PortlessCore
package import SystemPackage

/// What a folder's Procfile says is to be run.
package struct ProcfilePrograms: Hashable, Sendable {
    /// The file's name.
    package let file: String
    package let entries: [ProcfileEntry]
    /// The numbers of the lines that are neither programs nor comments.
    package let strayLines: [Int]

    /// The programs of the folder's `Procfile.dev`, else of its `Procfile`; nil without either.
    package static func load(in folder: FilePath) throws -> ProcfilePrograms? {
        for file in ["Procfile.dev", "Procfile"] {
            let path = folder.appending(file)
            guard try FileStatus.of(path) != nil else { continue }
            let text = String(decoding: try ProjectFile.read(path), as: UTF8.self)
            let programs = ProcfilePrograms(parsing: text, file: file)
            guard !programs.entries.isEmpty else { throw ProcfileError.noProgram(path) }
            if let (first, second) = programs.namesakes {
                throw ProcfileError.sameName(path, first, second)
            }
            return programs
        }
        return nil
    }

    init(parsing text: String, file: String = "Procfile") {
        var entries: [ProcfileEntry] = []
        var strayLines: [Int] = []
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            if let entry = Self.entry(line, number: index + 1) {
                entries.append(entry)
            } else if !line.trimmingBlanks.isEmpty, !line.trimmingBlanks.hasPrefix("#") {
                strayLines.append(index + 1)
            }
        }
        self.file = file
        self.entries = entries
        self.strayLines = strayLines
    }

    /// What is wrong with the file, a sentence for each line that is left out.
    package var warnings: [String] {
        strayLines.map { "Line \($0) of \(file) is left out: it isn't \"name: command\"." }
    }

    /// The first two programs whose names are one as a part of a hostname.
    private var namesakes: (ProcfileEntry, ProcfileEntry)? {
        var first: [String: ProcfileEntry] = [:]
        for entry in entries {
            let label = DNSLabel.sanitized(entry.name)
            if let other = first[label] { return (other, entry) }
            first[label] = entry
        }
        return nil
    }

    private static func entry(_ line: Substring, number: Int) -> ProcfileEntry? {
        guard let colon = line.firstIndex(of: ":") else { return nil }
        let name = line[..<colon]
        let isName = name.allSatisfy { character in
            character.isASCII
                && (character.isLetter || character.isNumber || "_-".contains(character))
        }
        let command = line[line.index(after: colon)...].trimmingBlanks
        guard isName, !name.isEmpty, !command.isEmpty else { return nil }
        return ProcfileEntry(name: String(name), command: String(command), line: number)
    }
}
