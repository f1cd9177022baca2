import HostSystem
package import SystemPackage

/// One line of a Procfile: a program by name, as foreman and Heroku run them.
package struct ProcfileEntry: Hashable, Sendable {
    package let name: String
    /// For a shell to read.
    package let command: String

    /// The programs of the folder's `Procfile.dev`, else of its `Procfile`; none without either.
    package static func load(in folder: FilePath) throws -> [ProcfileEntry] {
        for file in ["Procfile.dev", "Procfile"] {
            let path = folder.appending(file)
            guard try FileStatus.of(path) != nil else { continue }
            return parse(String(decoding: try AtomicFile.read(path), as: UTF8.self))
        }
        return []
    }

    static func parse(_ text: String) -> [ProcfileEntry] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let name = line[..<colon]
            let isName = name.allSatisfy { character in
                character.isASCII
                    && (character.isLetter || character.isNumber || "_-".contains(character))
            }
            let command = line[line.index(after: colon)...].trimmingBlanks
            guard isName, !name.isEmpty, !command.isEmpty else { return nil }
            return ProcfileEntry(name: String(name), command: String(command))
        }
    }

    /// Whether the program asks for a port, and so has something to be reached.
    package var mentionsPort: Bool {
        command.contains("$PORT") || command.contains("${PORT")
    }
}
