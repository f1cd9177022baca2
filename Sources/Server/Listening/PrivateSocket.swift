import HostSystem
import PortlessCore
import SystemPackage

/// The path of a Unix domain socket in a folder that nobody else can enter.
///
/// The folder is what protects it: a socket has the mode that the umask gives it until somebody
/// changes that.
struct PrivateSocket: Sendable {
    /// The shorter one of the limits of Linux and macOS (`sun_path`).
    private static let longestPath = 103

    /// Where it is reached, once it is published.
    let path: FilePath
    /// Where it is bound, beside the socket of another server that still has `path`.
    let bindingPath: FilePath
    private let folder: FilePath
    private let isTemporary: Bool
    /// The file that `publish` put at `path`.
    private var inode: UInt64?

    init(in directory: StateDirectory) throws {
        let usual = directory[.serverSockets]
        let bindingName = "api.\(ProcessIdentity.current.pid).sock"
        isTemporary = usual.appending(bindingName).string.utf8.count > Self.longestPath
        folder =
            isTemporary
            ? FilePath("/tmp/portless-\(APIToken.random(bytes: 8))") : usual
        path = folder.appending("api.sock")
        bindingPath = folder.appending(bindingName)
        let isNew = try FileSystem.makeDirectory(folder, mode: .ownerReadWriteExecute)
        if isNew, let owner = directory.owner { try FileSystem.setOwner(owner, of: folder) }
        if !isNew { try FileSystem.setPermissions(.ownerReadWriteExecute, of: folder) }
        // What a server with this PID that was killed has left.
        try FileSystem.removeFile(bindingPath)
    }

    /// Takes the place of the socket before it, if there is one; both go on being served.
    mutating func publish() throws {
        try FileSystem.setPermissions(.ownerReadWrite, of: bindingPath)
        inode = try FileStatus.of(bindingPath)?.inode
        try FileSystem.move(bindingPath, to: path)
    }

    /// Removes it, unless a server that has replaced this one has its own there.
    func remove() {
        try? FileSystem.removeFile(bindingPath)
        if let inode, (try? FileStatus.of(path))?.inode == inode {
            try? FileSystem.removeFile(path)
        }
        // A folder that isn't empty stays.
        if isTemporary { try? FileSystem.removeDirectory(folder) }
    }
}
