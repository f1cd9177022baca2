package import SystemPackage

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Programs as a shell finds them.
package enum ProgramSearch {
    /// The program that `name` runs: itself if it has a slash, else the first in `path`; nil if
    /// there is none.
    package static func find(_ name: String, path: String?) -> FilePath? {
        guard !name.isEmpty else { return nil }
        if name.contains("/") { return isProgram(FilePath(name)) ? FilePath(name) : nil }
        return (path ?? "").split(separator: ":")
            .map { FilePath(String($0)).appending(name) }
            .first(where: isProgram)
    }

    private static func isProgram(_ path: FilePath) -> Bool {
        var status = stat()
        guard stat(path.string, &status) == 0 else { return false }
        return status.st_mode & S_IFMT == S_IFREG && access(path.string, X_OK) == 0
    }
}
