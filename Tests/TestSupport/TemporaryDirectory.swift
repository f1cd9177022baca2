import CLibrary
package import SystemPackage

// Which `with` is meant shows in whether the call is awaited.
// swift-format-ignore: AmbiguousTrailingClosureOverload
/// A fresh directory for one test, removed with all that is in it.
package enum TemporaryDirectory {
    package static func with<Result>(
        _ body: (FilePath) throws -> Result
    ) throws -> Result {
        let path = try make()
        defer { remove(path) }
        return try body(path)
    }

    package static func with<Result>(
        _ body: (FilePath) async throws -> Result
    ) async throws -> Result {
        let path = try make()
        defer { remove(path) }
        return try await body(path)
    }

    private static func make() throws -> FilePath {
        var template = Array("/tmp/portless-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
        let name = template.dropLast().map { UInt8(bitPattern: $0) }
        // macOS's /tmp is a link; tests compare paths with what the system reports.
        guard let resolved = realpath(String(decoding: name, as: UTF8.self), nil) else {
            throw Errno(rawValue: errno)
        }
        defer { free(resolved) }
        return FilePath(String(cString: resolved))
    }

    private static func remove(_ path: FilePath) {
        for name in entries(of: path) {
            let entry = path.appending(name)
            var status = stat()
            guard lstat(entry.string, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                remove(entry)
            } else {
                unlink(entry.string)
            }
        }
        rmdir(path.string)
    }

    private static func entries(of path: FilePath) -> [String] {
        guard let directory = opendir(path.string) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }
}
