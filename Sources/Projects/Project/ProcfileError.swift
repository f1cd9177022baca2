import PortlessCore
package import SystemPackage

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
            \(first.name) (line \(first.line)) and \(second.name) (line \(second.line)) of \(path) \
            would have the same name.
            Rename one of them.
            """
        }
    }
}
