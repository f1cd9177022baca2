import HostSystem
import PortlessCore

/// What reading the files of one project may cost, whatever stands in them.
///
/// Everything that reads a project shares one: the parsers, the evaluator, and the readers of what
/// they find. Work, depth and size are bounded together, so that neither a long file nor a deep one
/// nor a short one that makes much of little takes more time or memory than any real project.
final class ReadingBudget {
    /// Longer files are no configuration.
    static let maximumFileSize = 256 << 10
    /// How deep parsers and the evaluator may recurse together.
    ///
    /// A file may be read in the middle of another one's evaluation. `ReadingThread` has the stack
    /// for it.
    static let maximumDepth = 200
    /// The height of an expression's tree, which chains (`a + b + …`, `a.b.c…`) add to without
    /// any recursion of the parser.
    static let maximumChain = 400
    /// How deep lists and objects may be nested in a value.
    static let maximumNesting = 100
    /// How many values a value may consist of; what is in it twice counts twice.
    static let maximumWeight = 50_000
    /// The places in a project that may declare ports, and the processes it may have.
    static let maximumPlaces = 2000

    private static let work = 1_500_000
    private static let workOfFile = 300_000

    private var left = work
    private var leftOfFile = workOfFile
    private var depth = 0
    private var ports = 0
    private var processes = 0
    /// The first place that was left out, because there are too many before it.
    private(set) var firstLeftOut: SourceLocation?

    /// Whether the project's files have taken all the work that there is.
    var isSpent: Bool { left <= 0 }

    /// Whether the file that is being read has taken its share, or the project all.
    var isFileSpent: Bool { leftOfFile <= 0 || isSpent }

    /// From here on another file is read, with a share of its own.
    func startFile() {
        leftOfFile = Self.workOfFile
    }

    /// Takes the cost of some work: about one for each token, expression or copied value; false if
    /// there isn't as much left, and then there is nothing left.
    @discardableResult
    func spend(_ cost: Int = 1) -> Bool {
        guard !isFileSpent else { return false }
        left = left.saturatingSubtract(cost)
        leftOfFile = leftOfFile.saturatingSubtract(cost)
        return !isFileSpent
    }

    /// Takes the cost of so many bytes that are read, copied or compared.
    @discardableResult
    func spend(bytes: Int) -> Bool { spend(bytes / 16 + 1) }

    /// Goes one level deeper; false, and not deeper, where that is too deep.
    ///
    /// `leave` has to follow where it is true.
    func enter() -> Bool {
        guard depth < Self.maximumDepth else { return false }
        depth += 1
        return true
    }

    func leave() { depth -= 1 }

    /// Whether the project has more ports or processes than are read.
    var isFull: Bool { firstLeftOut != nil }

    /// False where the project has as many ports as are read.
    func takePort(at place: SourceLocation) -> Bool { take(&ports, place) }

    /// False where the project has as many processes as are read.
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

/// Why a file isn't read to its end.
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

/// Where project files are read: on a thread with a known stack.
///
/// Parsers and the evaluator recurse as deep as files are nested. In a debug build a level takes up
/// to 35 KiB of stack (a call of `map` in a declaration of an evaluated function), and a thread of
/// macOS has 512 KiB, too little for what real configurations nest. So there is a thread that has
/// twice what `ReadingBudget.maximumDepth` levels can take; only touched pages of it cost memory.
enum ReadingThread {
    private static let stackSize = 16 << 20

    /// The body's result; nil if the system has no thread left.
    static func perform<Result>(_ body: () -> Result) -> Result? {
        SystemThread.perform(stackSize: stackSize, body)
    }
}
