import PortlessCore
import SystemPackage

/// Reads the files of one project into values, within one shared budget.
struct ProjectReader {
    let files: ProjectFiles
    let evaluator: JavaScriptEvaluator
    /// The workspace whose root the project is.
    let workspace: WorkspaceMembers

    var budget: ReadingBudget { evaluator.budget }

    /// `environment` is for PM2's files, which don't see the caller's own `PORT` and `HOST`.
    init(
        root: String,
        files: ProjectFiles,
        home: String? = nil,
        environment: [String: String] = [:],
    ) {
        self.files = files
        workspace = WorkspaceMembers(of: FilePath(root))
        evaluator = JavaScriptEvaluator(root: root, home: home, read: files.read)
        evaluator.knowsEnvironment = !environment.isEmpty
        for (variable, text) in environment where !["PORT", "HOST"].contains(variable) {
            let origin = SourceLocation(file: "the environment", line: 1)
            evaluator.dotenv[variable] = ConfigurationValue(.string(text), at: origin)
        }
    }

    /// Runs `body` on the files of a folder on disk, on a thread with a large enough stack.
    static func read<Value>(
        _ folder: FilePath,
        _ body: (ProjectReader) throws(ProjectConfigurationError) -> Value,
    ) throws(ProjectConfigurationError) -> Value {
        let result = ReadingThread.perform {
            let reader = ProjectReader(root: folder.string, files: .directory(folder))
            return Result { () throws(ProjectConfigurationError) in try body(reader) }
        }
        guard let result else { throw .noThread(folder) }
        return try result.get()
    }

    /// The file's text; nil where there is none.
    func source(_ file: String) throws(SourceError) -> SourceText? {
        try evaluator.source(file)
    }

    /// The text of an optional file; reports why it can't be read.
    func source(_ file: String, reportingTo project: inout ProjectDraft) -> SourceText? {
        do {
            return try source(file)
        } catch {
            project.report(Unresolved(error))
            return nil
        }
    }

    /// Whether the file exists, even if it can't be read.
    func exists(_ file: String) -> Bool {
        do {
            return try files.read(file) != nil
        } catch {
            return true
        }
    }

    /// The directory's entries; none where it is unreadable, or the budget is spent.
    func list(_ directory: String) -> [ProjectFiles.Entry] {
        guard !budget.isSpent else { return [] }
        let entries = (try? files.list(directory)) ?? []
        budget.spend(entries.count)
        if !entries.isEmpty, entries.count < ProjectWalk.maximumEntries {
            evaluator.listed[directory] = Set(entries.map(\.name))
        }
        return entries
    }

    /// A JSON file's value; comments and trailing commas are allowed.
    func json(_ file: String) throws(SourceError) -> ConfigurationObject? {
        if !evaluator.hasRead(file) {
            guard try source(file) != nil else { return nil }
        }
        let value = try evaluator.module(file).exports
        guard let object = value.object else {
            throw SourceError(
                file: file,
                line: value.origin.line,
                reason: "it must be an object",
            )
        }
        return object
    }

    func yaml(_ file: String) throws(SourceError) -> ConfigurationValue? {
        guard let source = try source(file) else { return nil }
        return try YAMLDocument.value(of: source, budget: budget)
    }
}
