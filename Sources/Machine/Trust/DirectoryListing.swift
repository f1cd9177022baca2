import SystemPackage

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// What a directory holds.
enum DirectoryListing {
    /// The names in a directory, sorted; none where it isn't there or may not be read.
    static func names(in path: FilePath) -> [String] {
        guard let directory = opendir(path.string) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(
                    to: CChar.self,
                    capacity: MemoryLayout.size(ofValue: entry.pointee.d_name),
                ) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    static func directories(in path: FilePath) -> [FilePath] {
        names(in: path).map { path.appending($0) }.filter(isDirectory)
    }

    static func isDirectory(_ path: FilePath) -> Bool {
        var status = stat()
        return stat(path.string, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether this process may create files there, or may create the directory itself.
    static func isWritable(_ path: FilePath) -> Bool {
        if access(path.string, F_OK) == 0 { return access(path.string, W_OK) == 0 }
        let parent = path.removingLastComponent()
        return parent != path && !parent.isEmpty && isWritable(parent)
    }
}
