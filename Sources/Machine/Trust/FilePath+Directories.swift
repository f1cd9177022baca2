import HostSystem
import SystemPackage

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

extension FilePath {
    /// The directories in this one, sorted; links to directories count.
    var subdirectories: [FilePath] {
        DirectoryListing.names(self).sorted().map { appending($0) }.filter(\.isDirectory)
    }

    var isDirectory: Bool {
        (try? FileStatus.of(self))?.isDirectory == true
    }

    /// Whether this process may make files there, or the directory itself where it isn't yet.
    var isWritableDirectory: Bool {
        if access(string, F_OK) == 0 { return access(string, W_OK) == 0 }
        let parent = removingLastComponent()
        return parent != self && !parent.isEmpty && parent.isWritableDirectory
    }
}
