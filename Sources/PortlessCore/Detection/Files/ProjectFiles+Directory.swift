import HostSystem
package import SystemPackage

extension ProjectFiles {
    /// Larger files are no configuration, and are not read.
    private static var maximumSize: Int64 { 1 << 20 }

    /// The files of a directory on disk.
    package static func directory(_ root: FilePath) -> ProjectFiles {
        ProjectFiles(
            read: { path in
                let file = root.pushing(FilePath(path))
                // Of a pipe or a device the end may never come.
                guard let status = try FileStatus.of(file), status.isRegularFile,
                    status.size <= maximumSize
                else { return nil }
                return try AtomicFile.read(file)
            },
            list: { path in
                let directory = path.isEmpty ? root : root.pushing(FilePath(path))
                return DirectoryListing.names(directory).map { name in
                    // A link to a directory may lead anywhere, also in a circle.
                    let status = try? FileStatus.of(
                        directory.appending(name),
                        followingLinks: false,
                    )
                    return Entry(name: name, isDirectory: status?.isDirectory ?? false)
                }
            },
        )
    }
}
