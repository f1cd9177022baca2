package import SystemPackage

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Files that are written beside another one and then take its place.
///
/// Such a file is called `.NAME.PID-RANDOM.tmp`. A process that is killed in between leaves it there,
/// and the next one that replaces the file NAME removes it.
package enum TemporaryFile {
    /// No write takes longer.
    ///
    /// The PID alone wouldn't do: it may be one of another PID namespace, such
    /// as a container's that shares the directory.
    private static let abandonedAfter: Int64 = 60_000_000_000

    /// A name that no file has yet.
    package static func path(beside path: FilePath) -> FilePath {
        let random = String(UInt64.random(in: .min ... .max), radix: 36)
        return path.removingLastComponent()
            .appending("\(prefix(path))\(getpid())-\(random)\(suffix)")
    }

    /// Removes those for `path` that are old, and whose writers have ended.
    package static func removeAbandoned(beside path: FilePath) {
        let folder = path.removingLastComponent()
        let prefix = prefix(path)
        for name in DirectoryListing.names(folder.isEmpty ? "." : folder) {
            guard name.hasPrefix(prefix), name.hasSuffix(suffix),
                name.utf8.count > prefix.utf8.count + suffix.utf8.count
            else { continue }
            let middle = name.dropFirst(prefix.count).dropLast(suffix.count)
            let file = folder.appending(name)
            if isOurs(middle), isWriterGone(middle), isOld(file) { unlink(file.string) }
        }
    }

    private static let suffix = ".tmp"

    private static func prefix(_ path: FilePath) -> String {
        ".\(path.lastComponent?.string ?? "file")."
    }

    /// `PID-RANDOM`, or only `RANDOM` as earlier versions had it.
    private static func isOurs(_ middle: Substring) -> Bool {
        let parts = middle.split(separator: "-", omittingEmptySubsequences: false)
        guard let random = parts.last, parts.count <= 2, (1...13).contains(random.utf8.count),
            random.allSatisfy({ $0.isASCII && ($0.isNumber || $0.isLowercase) })
        else { return false }
        return parts.count == 1 || Int32(parts[0]) != nil
    }

    private static func isWriterGone(_ middle: Substring) -> Bool {
        guard let dash = middle.firstIndex(of: "-"), let pid = Int32(middle[..<dash]) else {
            return true
        }
        return ProcessIdentity.of(pid: pid) == nil
    }

    /// A clock that was set back makes it old, too.
    private static func isOld(_ file: FilePath) -> Bool {
        guard let status = try? FileStatus.of(file, followingLinks: false), status.isRegularFile
        else { return false }
        return SystemClock.now.saturatingSubtract(status.modified).magnitude > abandonedAfter
    }
}
