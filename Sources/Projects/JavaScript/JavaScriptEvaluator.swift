import HostSystem
import PortlessCore

/// Evaluates the constants of JavaScript files without running them.
///
/// It evaluates only the language itself, within the reading's budget: a value that depends on the
/// run or on a package becomes unresolved, with its location and the reason. After an unknown
/// condition, values that both outcomes agree in stay known.
final class JavaScriptEvaluator {
    /// How a tool is run whose configuration is read.
    struct ToolState {
        var mode: String
        /// Its working directory within the project.
        var directory: String
    }

    /// Reads a project file's bytes; nil where there is no such file.
    typealias Read = (String) throws -> [UInt8]?

    /// The project's directory, which `__dirname` at its top means.
    let root: String
    let home: String?
    let budget: ReadingBudget
    private let readFile: Read
    /// The variables of `.env` files, once a configuration loads dotenv.
    var dotenv: [String: ConfigurationValue] = [:]
    /// Whether a variable that isn't in `dotenv` is known to be unset.
    var knowsEnvironment = false
    /// The tool that reads the file for its development server, with `NODE_ENV` set.
    var tool: ToolState?
    private var modules: [String: JavaScriptModule] = [:]
    private var evaluating: Set<String> = []
    /// The scopes that functions keep.
    private var captured: [JavaScriptScope] = []
    /// All objects and lists that were created.
    var objects: [JavaScriptObject] = []

    // MARK: The state of the run

    /// The unknown conditions on which the current position depends.
    var doubts: [JavaScriptDoubt] = []
    /// The values that the current function may have returned already.
    var pending: [ConfigurationValue] = []
    /// How often a `break` or `continue` under a doubt may have left an iteration early.
    var jumps = 0
    /// The number of enclosing `try` blocks.
    var attempts = 0
    /// The number of doubts before the current `try` block.
    var attemptDepth = 0
    /// Why the current `try` block may have thrown.
    var mayThrow: String?
    /// Whether the current `try` block has certainly thrown.
    var hasThrown = false

    init(
        root: String,
        home: String? = nil,
        budget: ReadingBudget = ReadingBudget(),
        read: @escaping Read,
    ) {
        self.root = root
        self.home = home
        self.budget = budget
        readFile = read
    }

    /// A function and the scope that contains its name retain each other, and functions that retain
    /// one another's scopes may form a chain as long as the file.
    deinit {
        for scope in captured { scope.removeAll() }
        for object in objects { object.content = .undefined }
    }

    /// A project file's bytes; nil where there is no such file.
    func read(_ file: String) throws -> [UInt8]? {
        guard !budget.isSpent else { throw OverBudget.tooMuchWork }
        let bytes = try readFile(file)
        budget.spend(bytes: bytes?.count ?? 0)
        return bytes
    }

    /// A function as a value, with the scope that it was written in.
    func closure(
        _ function: JavaScriptFunction,
        at origin: SourceLocation,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) -> ConfigurationValue {
        if !scope.isCaptured {
            scope.isCaptured = true
            captured.append(scope)
        }
        let closure = JavaScriptClosure(function: function, scope: scope, module: module)
        return ConfigurationValue(.function(closure), at: origin)
    }

    /// The names in directories that were listed whole: no other file there is looked for.
    var listed: [String: Set<String>] = [:]
    /// The files that exist and were read.
    private(set) var filesRead: Set<String> = []

    /// Whether the file has been read as a module already.
    func hasRead(_ file: String) -> Bool { modules[file] != nil }

    /// Reads a file that must exist; its exports are the module's `exports`.
    func module(_ file: String) throws(SourceError) -> JavaScriptModule {
        if let module = modules[file] { return module }
        guard let source = try source(file) else {
            throw SourceError(file: file, line: 1, reason: "there is no such file")
        }
        guard evaluating.insert(file).inserted else {
            throw SourceError(
                file: file,
                line: 1,
                reason: "the files require one another in a circle",
            )
        }
        defer { evaluating.remove(file) }
        let module = file.hasSuffix(".json") ? try json(source) : try script(source)
        modules[file] = module
        return module
    }

    /// A file's text; nil where there is no such file.
    func source(_ file: String) throws(SourceError) -> SourceText? {
        // A required file is charged to the file that requires it.
        if evaluating.isEmpty { budget.startFile() }
        do {
            let names = listed[ProjectPath.directory(of: file)]
            guard names?.contains(ProjectPath.name(of: file)) != false,
                let bytes = try read(file)
            else { return nil }
            filesRead.insert(file)
            return SourceText(file: file, bytes: bytes)
        } catch {
            throw SourceError(unreadable: file, because: error)
        }
    }

    private func script(_ source: SourceText) throws(SourceError) -> JavaScriptModule {
        var parser = try JavaScriptParser(source, budget: budget)
        let statements = parser.program()
        let module = module(of: source, parser.comments)
        let (outer, depth) = (pending, doubts.count)
        pending = []
        _ = run(statements, in: module.scope, of: module)
        pending = outer
        endDoubts(to: depth)
        module.finish()
        if budget.isFileSpent {
            // Skipped statements may have had effects, so the module's exports are in doubt.
            module.report(Unresolved(source.overBudget(at: 0)))
        }
        return module
    }

    private func json(_ source: SourceText) throws(SourceError) -> JavaScriptModule {
        var parser = try JavaScriptParser(source, budget: budget)
        let expression = try parser.singleExpression()
        let module = module(of: source, parser.comments)
        module.live = evaluate(expression, in: module.scope, of: module)
        module.finish()
        return module
    }

    private func module(of source: SourceText, _ comments: CommentIndex) -> JavaScriptModule {
        let module = JavaScriptModule(source: source, comments: comments, doubts: doubts.count)
        if case .reference(let exports) = module.live.kind { objects.append(exports) }
        return module
    }
}
