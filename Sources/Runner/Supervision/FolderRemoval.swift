import HostSystem
import SystemPackage

/// Removes a folder with all that is in it, without following links.
enum FolderRemoval {
    static func remove(_ folder: FilePath) throws {
        for name in DirectoryListing.names(folder) {
            let path = folder.appending(name)
            if try FileStatus.of(path, followingLinks: false)?.isDirectory == true {
                try remove(path)
            } else {
                try FileSystem.removeFile(path)
            }
        }
        try FileSystem.removeDirectory(folder)
    }
}
