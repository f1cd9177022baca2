import HostSystem
import SystemPackage

/// Mounts that only the processes of a test see.
enum MountNamespace {
    /// Whether this user may make one.
    static var isAvailable: Bool {
        let spawn = Spawn(
            executable: "/usr/bin/unshare",
            arguments: ["-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
            environment: ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin"],
        )
        return (try? spawn.start().wait()) == .exited(0)
    }
}
