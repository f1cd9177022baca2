/// A process, told apart from a later one with the same PID by its start time.
package struct ProcessIdentity: Hashable, Sendable {
    package let pid: Int32
    /// An opaque number of the operating system; nil where an entry came from a tool that does
    /// not record it, which leaves it open whose the PID is by now.
    package let startTime: UInt64?
    /// The PID namespace in which `pid` counts (Linux: the inode of `/proc/self/ns/pid` of
    /// the process that wrote it down); nil means unknown or only one.
    package let namespace: UInt64?
    /// The run of the operating system in which `pid` and `startTime` count; nil means unknown.
    package let boot: String?

    package init(
        pid: Int32,
        startTime: UInt64?,
        namespace: UInt64? = nil,
        boot: String? = nil,
    ) {
        self.pid = pid
        self.startTime = startTime
        self.namespace = namespace
        self.boot = boot
    }
}
