import HostSystem
import PortlessCore
package import SystemPackage

/// Access to the files of one project, by paths relative to its directory.
package struct ProjectFiles: Sendable {
    package struct Entry: Hashable, Sendable {
        package var name: String
        package var isDirectory: Bool

        package init(name: String, isDirectory: Bool) {
            self.name = name
            self.isDirectory = isDirectory
        }
    }

    /// A file's bytes; nil where there is no such file.
    package var read: @Sendable (String) throws -> [UInt8]?
    /// The entries of a directory, without those of its subdirectories.
    package var list: @Sendable (String) throws -> [Entry]

    package init(
        read: @escaping @Sendable (String) throws -> [UInt8]?,
        list: @escaping @Sendable (String) throws -> [Entry],
    ) {
        self.read = read
        self.list = list
    }
}

extension ProjectFiles {
    private static var maximumPathLength: Int { 4096 }

    /// The files of a directory on disk.
    package static func directory(_ root: FilePath) -> ProjectFiles {
        ProjectFiles(
            read: { path in
                // No file system has a name this long, and making a path of it takes long.
                guard path.utf8.count <= maximumPathLength else { return nil }
                let file = root.pushing(FilePath(path))
                // Directories, pipes and devices aren't files of a project.
                guard let status = try FileStatus.of(file), status.isRegularFile else {
                    return nil
                }
                do throws(SystemError) {
                    return try AtomicFile.read(file, limit: ReadingBudget.maximumFileSize)
                } catch {
                    throw error.errno == .fileTooLarge ? OverBudget.tooLong : error
                }
            },
            list: { path in
                let directory = path.isEmpty ? root : root.pushing(FilePath(path))
                let names = DirectoryListing.names(directory, limit: ProjectWalk.maximumEntries)
                return names.map { name in
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
