import CHostSystem
package import SystemPackage

/// A terminal that a program of ours has on its other side.
package struct TerminalPair: Sendable {
    /// The end to read and write, which doesn't block; reading it fails with EIO once no process has
    /// the other one.
    package let keeper: FileDescriptor
    /// The terminal that the program gets.
    package let program: FileDescriptor

    package init(columns: Int, rows: Int) throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        let failure = chs_open_terminal(
            UInt16(clamping: columns),
            UInt16(clamping: rows),
            &ends,
        )
        guard failure == 0 else {
            throw SystemError("open a terminal", errno: Errno(rawValue: failure))
        }
        keeper = FileDescriptor(rawValue: ends[0])
        program = FileDescriptor(rawValue: ends[1])
    }
}
