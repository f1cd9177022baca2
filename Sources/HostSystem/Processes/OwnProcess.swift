import CHostSystem
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

/// What others see this process called.
package enum OwnProcessName {
    /// Sets it where the system took it from the file that was run.
    ///
    /// Linux calls a process that was started as `/proc/self/exe` by that path's end. It keeps at
    /// most 15 bytes.
    package static func set(_ name: String) {
        #if os(Linux)
        let file = try? FileDescriptor.open("/proc/self/comm", .writeOnly, options: .closeOnExec)
        guard let file else { return }
        _ = try? file.writeAll(name.utf8)
        try? file.close()
        #endif
    }
}

/// Memory that was freed and that the C library keeps for its next use.
package enum UnusedMemory {
    /// Gives it back to the system, which takes a millisecond or so: for quiet moments.
    package static func giveBack() {
        chs_give_back_memory()
    }

    /// Gives that back and the program's own pages as well.
    ///
    /// For a process of one thread that has done most of its work and stays, such as a holder. Code
    /// that runs again is mapped again.
    package static func shrinkProcess() {
        chs_give_back_memory()
        chs_forget_program_pages()
    }
}
