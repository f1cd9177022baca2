import SystemPackage

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A process group, known by its leader's PID.
package struct ProcessGroup: Hashable, Sendable {
    package let id: Int32

    /// Nil for 0 and 1 and below, which `kill` takes for the caller's own group and for everybody.
    package init?(id: Int32) {
        guard id > 1 else { return nil }
        self.id = id
    }

    /// The group this process is in.
    package static var currentID: Int32 { getpgrp() }

    /// The group of a process; nil if it isn't there.
    package static func id(of pid: Int32) -> Int32? {
        let group = getpgid(pid)
        return group > 0 ? group : nil
    }

    /// Sends a signal to each member; false if there is none left.
    @discardableResult
    package func send(_ signal: Signal) -> Bool {
        kill(-id, signal.rawValue) == 0
    }

    /// Whether the group has members, zombies included.
    package var exists: Bool {
        kill(-id, 0) == 0 || Errno.current == .notPermitted
    }
}
