import HostSystem
import PortlessCore
import SystemPackage

/// The path of a Unix domain socket in a folder that only its user can enter.
///
/// The folder protects it: until its mode is changed, a socket has the one that the umask gives it.
struct PrivateSocket: Sendable {
    /// The smaller of the limits of Linux and macOS (`sun_path`).
    private static let longestPath = 103

    /// The path for clients, once it is published.
    let path: FilePath
    /// The path it is bound to, while another server's socket may still be at `path`.
    let bindingPath: FilePath
    private let folder: FilePath
    private let isTemporary: Bool
    /// The file that `publish` put at `path`.
    private var inode: UInt64?

    init(in directory: StateDirectory, name: String = "api") throws {
        let usual = directory[.serverSockets]
        let bindingName = "\(name).\(ProcessIdentity.current.pid).sock"
        isTemporary = usual.appending(bindingName).string.utf8.count > Self.longestPath
        folder =
            isTemporary
            ? FilePath("/tmp/portless-\(APIToken.random(bytes: 8))") : usual
        path = folder.appending("\(name).sock")
        bindingPath = folder.appending(bindingName)
        let isNew = try FileSystem.makeDirectory(folder, mode: .ownerReadWriteExecute)
        if isNew, let owner = directory.owner { try FileSystem.setOwner(owner, of: folder) }
        if !isNew { try FileSystem.setPermissions(.ownerReadWriteExecute, of: folder) }
        // A killed server with this PID may have left it.
        try FileSystem.removeFile(bindingPath)
    }

    /// Replaces the socket of an earlier server; connections to that one go on.
    mutating func publish() throws {
        try FileSystem.setPermissions(.ownerReadWrite, of: bindingPath)
        inode = try FileStatus.of(bindingPath)?.inode
        try FileSystem.move(bindingPath, to: path)
    }

    /// Removes the socket, unless a later server has replaced it.
    func remove() {
        try? FileSystem.removeFile(bindingPath)
        if let inode, (try? FileStatus.of(path))?.inode == inode {
            try? FileSystem.removeFile(path)
        }
        // A folder that isn't empty stays.
        if isTemporary { try? FileSystem.removeDirectory(folder) }
    }
}
