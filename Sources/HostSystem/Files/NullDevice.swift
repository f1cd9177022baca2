package import SystemPackage

/// The device that swallows all output and has no input.
package enum NullDevice {
    private static let path: FilePath = "/dev/null"

    /// Opens it for whoever needs a descriptor but has nothing to say or to hear.
    package static func open(
        _ mode: FileDescriptor.AccessMode = .readOnly
    ) throws(SystemError) -> FileDescriptor {
        do {
            return try .open(path, mode, options: .closeOnExec)
        } catch {
            throw SystemError("open", path: path, errno: error as? Errno ?? .ioError)
        }
    }
}
