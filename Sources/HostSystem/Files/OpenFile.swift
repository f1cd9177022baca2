import CLibrary
package import SystemPackage

/// An open file that closes itself, never inherited by children.
struct OpenFile: ~Copyable {
    let descriptor: Int32
    let path: FilePath

    init(_ path: FilePath, _ flags: Int32, mode: FilePermissions = []) throws(SystemError) {
        descriptor = try check("open", path: path) {
            open(path.string, flags | O_CLOEXEC, mode_t(mode.rawValue))
        }
        self.path = path
    }

    deinit {
        close(descriptor)
    }

    /// Everything up to the end; an error if that is more than `limit` bytes.
    func readAll(limit: Int = .max) throws(SystemError) -> [UInt8] {
        var content: [UInt8] = []
        // Files of /proc report a size of zero, so only reading until the end is sure.
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = try check("read", path: path) {
                buffer.withUnsafeMutableBytes {
                    CLibrary.read(descriptor, $0.baseAddress, $0.count)
                }
            }
            if count == 0 { return content }
            guard count <= limit - content.count else {
                throw SystemError("read", path: path, errno: .fileTooLarge)
            }
            content.append(contentsOf: buffer[..<count])
        }
    }

    func writeAll(_ bytes: [UInt8]) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = try check("write", path: path) {
                rest.withUnsafeBytes { CLibrary.write(descriptor, $0.baseAddress, $0.count) }
            }
            rest = rest.dropFirst(count)
        }
    }

    func truncate() throws(SystemError) {
        try check("truncate", path: path) { ftruncate(descriptor, 0) }
    }

    /// Returns once the content survives a power cut.
    func synchronize() throws(SystemError) {
        #if canImport(Darwin)
        // fsync(2) of macOS leaves it in the drive's cache; not every file system has the other.
        if fcntl(descriptor, F_FULLFSYNC) != -1 { return }
        #endif
        try check("sync", path: path) { fsync(descriptor) }
    }

    func setPermissions(_ mode: FilePermissions) throws(SystemError) {
        try check("change the mode of", path: path) { fchmod(descriptor, mode_t(mode.rawValue)) }
    }

    func setOwner(_ owner: FileOwner) throws(SystemError) {
        try check("change the owner of", path: path) { fchown(descriptor, owner.uid, owner.gid) }
    }

    func status() throws(SystemError) -> stat {
        var status = stat()
        try check("look at", path: path) { fstat(descriptor, &status) }
        return status
    }
}

/// The device that discards all output and has no input.
package enum NullDevice {
    private static let path: FilePath = "/dev/null"

    /// A descriptor for a process that needs one and reads and writes nothing.
    package static func open(
        _ mode: FileDescriptor.AccessMode = .readOnly
    ) throws(SystemError) -> FileDescriptor {
        do {
            return try .open(path, mode, options: .closeOnExec)
        } catch {
            throw SystemError("open", path: path, errno: error as? Errno ?? .ioError)
        }
    }

    /// Opens it as each standard descriptor that the caller has closed.
    ///
    /// Else a file of ours would get that number, and with it what is printed. Writing to it fails,
    /// as it would without.
    package static func fillStandardDescriptors() {
        while let descriptor = try? open() {
            guard descriptor.rawValue <= FileDescriptor.standardError.rawValue else {
                try? descriptor.close()
                return
            }
        }
    }
}
