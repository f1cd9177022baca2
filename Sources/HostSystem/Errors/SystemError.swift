import CLibrary
package import SystemPackage

/// A system call that failed, described in one sentence.
package struct SystemError: Error, Hashable, CustomStringConvertible {
    /// What the process tried, as it reads after "can't": `open`, `bind port 443`.
    package let operation: String
    package let path: FilePath?
    package let errno: Errno

    package init(_ operation: String, path: FilePath? = nil, errno: Errno) {
        self.operation = operation
        self.path = path
        self.errno = errno
    }

    package var description: String {
        let object = path.map { " \($0)" } ?? ""
        return "can't \(operation)\(object): \(errno)"
    }
}

extension SystemError {
    static func last(_ operation: String, path: FilePath? = nil) -> SystemError {
        SystemError(operation, path: path, errno: .current)
    }
}

extension Errno {
    static var current: Errno { Errno(rawValue: CLibrary.errno) }
}

/// Repeats `call` while a signal interrupts it, and turns -1 into an error.
@discardableResult
func check<Result: FixedWidthInteger & SignedInteger>(
    _ operation: String,
    path: FilePath? = nil,
    _ call: () -> Result,
) throws(SystemError) -> Result {
    while true {
        let result = call()
        if result != -1 { return result }
        let error = SystemError.last(operation, path: path)
        if error.errno != .interrupted { throw error }
    }
}

extension Errno {
    /// Something has run out that other processes may give back: descriptors, processes, memory, room
    /// on a disk; a later try may succeed.
    package var isShortage: Bool {
        [
            .tooManyOpenFiles, .tooManyOpenFilesInSystem, .resourceTemporarilyUnavailable,
            .noMemory, .noBufferSpace, .noSpace, .diskQuotaExceeded,
        ].contains(self)
    }
}
