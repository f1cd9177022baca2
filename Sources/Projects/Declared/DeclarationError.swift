package import PortlessCore
package import SystemPackage

/// Why a project's declared processes can't run.
package enum DeclarationError: Error, Hashable, CustomStringConvertible {
    case unresolved(Unresolved, what: String)
    case wrong(Unresolved)
    case unreadable(SourceError)
    case noThread(FilePath)
    case noCommand(String, file: String)
    case invalidName(String)
    case unknownDependency(String, of: String, known: [String])
    case circle([String])
    case sameName(String, String, String)
    case missingScript(FilePath, of: String, at: SourceLocation)
    case otherUser(String, key: String, of: String, at: SourceLocation)

    package var description: String {
        switch self {
        case .unresolved(let problem, let what):
            """
            \(what) can't be worked out (\(problem.file):\(problem.line): \(problem.reason)). \
            Write a value there that can be read without running the file.
            """
        case .wrong(let problem):
            "\(problem.file):\(problem.line): \(problem.reason)."
        case .unreadable(let error):
            "\(error). \(error.isOverBudget ? "Make it smaller." : "Repair the file.")"
        case .noThread(let root):
            "The system has no thread left to read \(root) with. Try again when fewer programs run."
        case .noCommand(let name, let file):
            """
            The process "\(name)" in \(file) has no "command", and nothing else declares it. \
            Give it one.
            """
        case .invalidName(let name):
            "\"\(name)\" can't name a process: use letters, digits, and - _ . : within."
        case .unknownDependency(let name, let process, let known):
            """
            "\(process)" depends on "\(name)", which isn't there. \
            There are: \(known.joined(separator: ", ")).
            """
        case .circle(let names):
            """
            These processes wait for one another: \(names.joined(separator: ", ")). \
            Take one of the dependencies out.
            """
        case .sameName(let name, let first, let second):
            """
            \(first) and \(second) would both run as "\(name)". Give one of them another name.
            """
        case .missingScript(let script, let name, let place):
            """
            "\(name)" can't start: \(script), which \(place.file):\(place.line) names, isn't there. \
            Was it \(script.string.contains("node_modules/") ? "installed" : "built")?
            """
        case .otherUser(let user, let key, let name, let place):
            """
            "\(name)" is to run with \(key) "\(user)" (\(place.file):\(place.line)), which isn't \
            supported, and it would run as root. Take the line out, or bring it up as that user.
            """
        }
    }
}
