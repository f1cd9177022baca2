import CHostSystem
package import SystemPackage

#if canImport(Darwin)
// `_NSGetExecutablePath` is declared in mach-o/dyld.h.
import MachO
#endif

/// The program that this process runs, for starting it in another role.
package enum OwnExecutable {
    /// A path that starts this very version, on Linux even after an upgrade has replaced or deleted the
    /// file; nil if the system doesn't tell.
    package static var runnablePath: FilePath? {
        #if canImport(Darwin)
        installedPath
        #else
        "/proc/self/exe"
        #endif
    }

    /// Where the program is installed, for unit files and messages.
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

/// The name under which other processes see this one.
package enum OwnProcessName {
    /// Sets it on Linux, which takes it from the path that was run.
    ///
    /// A process that was started as `/proc/self/exe` would be called `exe`. Linux keeps at most 15
    /// bytes.
    package static func set(_ name: String) {
        #if os(Linux)
        let file = try? FileDescriptor.open("/proc/self/comm", .writeOnly, options: .closeOnExec)
        guard let file else { return }
        _ = try? file.writeAll(name.utf8)
        try? file.close()
        #endif
    }
}

/// Memory that was freed and that the C library keeps for later use.
package enum UnusedMemory {
    /// Gives it back to the system, which takes about a millisecond: for quiet moments.
    package static func giveBack() {
        chs_give_back_memory()
    }

    /// Gives it back together with the program's own pages, which are mapped again when needed.
    ///
    /// For a process of one thread that has done most of its work and stays, such as a holder.
    package static func shrinkProcess() {
        chs_give_back_memory()
        chs_forget_program_pages()
    }
}
