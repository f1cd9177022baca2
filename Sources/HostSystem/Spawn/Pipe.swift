import CHostSystem
package import SystemPackage

/// A pipe whose ends no child inherits unless they are passed to it.
package struct Pipe: Sendable {
    package let reading: FileDescriptor
    package let writing: FileDescriptor

    package init() throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        let failure = chs_pipe(&ends)
        guard failure == 0 else {
            throw SystemError("make a pipe", errno: Errno(rawValue: failure))
        }
        reading = FileDescriptor(rawValue: ends[0])
        writing = FileDescriptor(rawValue: ends[1])
    }
}
