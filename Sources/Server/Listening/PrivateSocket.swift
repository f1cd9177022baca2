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

    let path: FilePath
    private let folder: FilePath
    private let isTemporary: Bool

    init(in directory: StateDirectory) throws {
        let usual = directory.path.appending("server")
        isTemporary = usual.appending("api.sock").string.utf8.count > Self.longestPath
        folder =
            isTemporary
            ? FilePath("/tmp/portless-\(APIToken.random(bytes: 8))") : usual
        path = folder.appending("api.sock")
        let isNew = try FileSystem.makeDirectory(folder, mode: .ownerReadWriteExecute)
        if isNew, let owner = directory.owner { try FileSystem.setOwner(owner, of: folder) }
        if !isNew { try FileSystem.setPermissions(.ownerReadWriteExecute, of: folder) }
        // What a server that was killed has left.
        try FileSystem.removeFile(path)
    }

    func restrict() throws {
        try FileSystem.setPermissions(.ownerReadWrite, of: path)
    }

    func remove() {
        try? FileSystem.removeFile(path)
        if isTemporary { try? FileSystem.removeDirectory(folder) }
    }
}
