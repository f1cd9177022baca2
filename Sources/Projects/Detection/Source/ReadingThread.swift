import HostSystem
import PortlessCore

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
