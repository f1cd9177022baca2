package import SystemPackage

/// Several files that are replaced together: all of them, or none.
package struct FileReplacement: Sendable {
    package var path: FilePath
    package var old: [UInt8]
    package var new: [UInt8]

    package init(path: FilePath, old: [UInt8], new: [UInt8]) {
        self.path = path
        self.old = old
        self.new = new
    }

    /// Replaces each file by its new content, with its mode and owner kept.
    ///
    /// If one fails, those before it get their old content back. A file that has changed since it was
    /// read is an error, and none is touched.
    package static func perform(_ replacements: [FileReplacement]) throws(SystemError) {
        for replacement in replacements {
            guard try AtomicFile.read(replacement.path) == replacement.old else {
                throw SystemError(
                    "replace the changed file",
                    path: replacement.path,
                    errno: .resourceBusy,
                )
            }
        }
        var done: [FileReplacement] = []
        do throws(SystemError) {
            for replacement in replacements {
                try replacement.write(replacement.new)
                done.append(replacement)
            }
        } catch {
            for replacement in done { try? replacement.write(replacement.old) }
            throw error
        }
    }

    private func write(_ bytes: [UInt8]) throws(SystemError) {
        // The target of a link is replaced, not the link.
        let target = FileSystem.canonical(path) ?? path
        let status = try FileStatus.of(target)
        try AtomicFile.write(
            bytes,
            to: target,
            mode: status?.permissions ?? [.ownerReadWrite, .groupRead, .otherRead],
            // Only root gives files away, and only root's new file needs it.
            owner: Privileges.areFilesRoots ? status?.owner : nil,
        )
    }
}
