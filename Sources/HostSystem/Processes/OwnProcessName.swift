import SystemPackage

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
