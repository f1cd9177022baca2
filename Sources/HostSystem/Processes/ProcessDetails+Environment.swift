import SystemPackage

extension ProcessDetails {
    /// The environment that a process was started with; nil if it isn't there or not ours to see.
    package static func environment(of pid: Int32) -> [String: String]? {
        #if canImport(Darwin)
        return arguments(of: pid)?.environment
        #else
        guard
            let bytes = try? AtomicFile.read(
                FilePath("/proc/\(pid)/environ"),
                limit: FileLimit.kernel,
            )
        else { return nil }
        return EnvironmentBlock.parse(bytes.split(separator: 0))
        #endif
    }
}
