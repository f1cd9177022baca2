import CLibrary
import SystemPackage

/// A process group, known by its leader.
///
/// A group's number is its leader's PID. The system doesn't reuse it until the leader is reaped; later
/// it may be another group's.
package struct ProcessGroup: Hashable, Sendable {
    private enum Leader: Hashable, Sendable {
        case child(ChildProcess)
        case process(ProcessIdentity)
    }

    private let leader: Leader

    /// The group that a child leads, until this process reaps it.
    package init(of child: ChildProcess) {
        leader = .child(child)
    }

    /// The group that a process leads, as long as it has its PID.
    package init(leader: ProcessIdentity) {
        self.leader = .process(leader)
    }

    package var id: Int32 {
        switch leader {
        case .child(let child): child.pid
        case .process(let process): process.pid
        }
    }

    /// Whether the number is known to be this group's.
    package var isKnown: Bool {
        switch leader {
        case .child(let child): child.isUnreaped
        case .process(let process): process.hasItsPID
        }
    }

    /// Sends a signal to each member; false if there is none, or if the number may be another group's.
    @discardableResult
    package func send(_ signal: Signal) -> Bool {
        // `kill` takes 0 for the caller's own group, and -1 for all processes.
        guard id > 1, isKnown else { return false }
        return kill(-id, signal.rawValue) == 0
    }

    package static var currentID: Int32 { getpgrp() }

    package static func id(of pid: Int32) -> Int32? {
        guard pid > 0 else { return nil }
        let group = getpgid(pid)
        return group > 0 ? group : nil
    }
}
