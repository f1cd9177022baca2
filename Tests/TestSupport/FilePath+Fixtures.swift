import CLibrary
package import SystemPackage

extension FilePath {
    /// Writes a file below this folder, and makes the folders between them.
    package func write(_ name: String, _ text: String) throws {
        let file = appending(name)
        var folder = self
        for component in FilePath(name).removingLastComponent().components {
            folder.append(component)
            guard mkdir(folder.string, 0o755) == 0 || errno == EEXIST else {
                throw Errno(rawValue: errno)
            }
        }
        let descriptor = try FileDescriptor.open(
            file,
            .writeOnly,
            options: [.create, .truncate],
            permissions: [.ownerReadWrite, .groupRead, .otherRead],
        )
        try descriptor.closeAfter { _ = try descriptor.writeAll(text.utf8) }
    }
}
