package import SystemPackage

#if canImport(Darwin)
// `_NSGetExecutablePath` is declared in mach-o/dyld.h.
import MachO
#endif

/// The program this process runs, to be started again in another role.
package enum OwnExecutable {
    /// A path that starts this very version, on Linux even after its file was replaced or deleted
    /// by an upgrade; nil if the system doesn't tell.
    package static var runnablePath: FilePath? {
        #if canImport(Darwin)
        installedPath
        #else
        "/proc/self/exe"
        #endif
    }

    /// Where the program is installed: what to write into unit files and to show to people.
    package static var installedPath: FilePath? {
        #if canImport(Darwin)
        var size: UInt32 = 0
        _NSGetExecutablePath(nil, &size)
        var buffer = [CChar](repeating: 0, count: Int(size))
        guard _NSGetExecutablePath(&buffer, &size) == 0 else { return nil }
        return FilePath(platformString: buffer)
        #else
        guard let target = SymbolicLink.target("/proc/self/exe") else { return nil }
        let mark = " (deleted)"
        return FilePath(target.hasSuffix(mark) ? String(target.dropLast(mark.count)) : target)
        #endif
    }
}
