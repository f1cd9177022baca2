import CLibrary
package import SystemPackage

extension FilePath {
    /// Makes a symbolic link here.
    package func link(to target: String) throws {
        guard symlink(target, string) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Sets when the file was changed, in seconds since 1970.
    package func setModified(seconds: Int) throws {
        let time = timespec(tv_sec: seconds, tv_nsec: 0)
        guard utimensat(AT_FDCWD, string, [time, time], 0) == 0 else {
            throw Errno(rawValue: errno)
        }
    }
}
