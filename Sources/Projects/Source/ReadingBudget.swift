import HostSystem
import PortlessCore

/// The limits for reading the files of one project, with any contents.
///
/// All code that reads a project shares one: the parsers, the evaluator, and the detection. Work,
/// depth and size are bounded together, so that a long file, a deep one, or a short one that
/// expands enormously takes no more time or memory than a real project.
final class ReadingBudget {
    /// Longer files aren't configurations.
    static let maximumFileSize = 256 << 10
    /// The recursion depth of parsers and the evaluator together.
    ///
    /// A file may be read during another one's evaluation. `ReadingThread` has the stack for it.
    static let maximumDepth = 200
    /// The height of an expression's tree, to which chains (`a + b + …`, `a.b.c…`) add without
    /// recursion of the parser.
    static let maximumChain = 400
    /// The nesting depth of lists and objects in a value.
    static let maximumNesting = 100
    /// The number of values in a value, each counted as often as it occurs.
    static let maximumWeight = 50_000
    /// The number of port declarations in a project, and of its processes.
    static let maximumPlaces = 2000

    private static let work = 1_500_000
    private static let workOfFile = 300_000

    private var left = work
    private var leftOfFile = workOfFile
    private var depth = 0
    private var ports = 0
    private var processes = 0
    /// The location of the first declaration beyond these limits.
    private(set) var firstLeftOut: SourceLocation?

    /// Whether the project's work is used up.
    var isSpent: Bool { left <= 0 }

    /// Whether the current file's share of the work, or the project's work, is used up.
    var isFileSpent: Bool { leftOfFile <= 0 || isSpent }

    /// Begins another file, with a share of its own.
    func startFile() {
        leftOfFile = Self.workOfFile
    }

    /// Spends work: about one for each token, expression or copied value; false, with the budget
    /// used up, if less is left.
    @discardableResult
    func spend(_ cost: Int = 1) -> Bool {
        guard !isFileSpent else { return false }
        left = left.saturatingSubtract(cost)
        leftOfFile = leftOfFile.saturatingSubtract(cost)
        return !isFileSpent
    }

    /// Spends the work for reading, copying or comparing this many bytes.
    @discardableResult
    func spend(bytes: Int) -> Bool { spend(bytes / 16 + 1) }

    /// Goes one level deeper; false, without doing so, at the limit.
    ///
    /// The caller balances each true result with `leave`.
    func enter() -> Bool {
        guard depth < Self.maximumDepth else { return false }
        depth += 1
        return true
    }

    func leave() { depth -= 1 }

    /// Whether the project has more ports or processes than the limits allow.
    var isFull: Bool { firstLeftOut != nil }

    /// False at the limit of ports.
    func takePort(at place: SourceLocation) -> Bool { take(&ports, place) }

    /// False at the limit of processes.
    func takeProcess(at place: SourceLocation) -> Bool { take(&processes, place) }

    private func take(_ count: inout Int, _ place: SourceLocation) -> Bool {
        guard count < Self.maximumPlaces else {
            firstLeftOut = firstLeftOut ?? place
            return false
        }
        count += 1
        return true
    }
}

/// Why a file wasn't read completely.
enum OverBudget: Error, CustomStringConvertible {
    case tooLong
    case tooMuchWork

    static let work = "this takes too much work to be read"
    static let depth = "this is nested too deeply"
    static let size = "what is made here is too large to be read"

    var description: String {
        switch self {
        case .tooLong: "it is longer than \(ReadingBudget.maximumFileSize >> 10) KiB"
        case .tooMuchWork: "the project's files take too much work to be read"
        }
    }
}

/// Runs the reading of project files on a thread with a large stack.
///
/// Parsers and the evaluator recurse as deep as files are nested. In a debug build a level takes up
/// to 35 KiB of stack (a call of `map` in a declaration of an evaluated function), and a thread of
/// macOS has 512 KiB, too little for real configurations. So this thread has twice the stack for
/// `ReadingBudget.maximumDepth` levels; only touched pages of it cost memory.
enum ReadingThread {
    private static let stackSize = 16 << 20

    /// The body's result; nil if the system has no thread left.
    static func perform<Result>(_ body: () -> Result) -> Result? {
        SystemThread.perform(stackSize: stackSize, body)
    }
}
