import CHostSystem
import CLibrary
import SystemPackage

/// A child of this process, for which exactly one owner has to wait.
package struct ChildProcess: Hashable, Sendable {
    package let pid: Int32

    package init(pid: Int32) {
        self.pid = pid
    }

    /// Waits for the child's end and reaps it.
    package func wait() throws(SystemError) -> ProcessEnd {
        while true {
            if case .ended(let end) = try look(blocks: true, reaps: true) { return end }
        }
    }

    /// What happened to the child since the last call; nil if nothing did.
    ///
    /// An ended child stays a zombie until `reap`, so that the system can't give its PID and its
    /// group's number to another process.
    package func change() throws(SystemError) -> ProcessChange? {
        try look(blocks: false, reaps: false)
    }

    /// Lets the system forget an ended child.
    package func reap() throws(SystemError) {
        _ = try look(blocks: true, reaps: true)
    }

    /// The child's identity, which it has until it is reaped.
    package var identity: ProcessIdentity {
        .holder(of: pid) ?? ProcessIdentity(pid: pid, startTime: nil)
    }

    /// Sends a signal to the child alone; false if it is gone.
    @discardableResult
    package func send(_ signal: Signal) -> Bool {
        guard pid > 1, isUnreaped else { return false }
        return kill(pid, signal.rawValue) == 0
    }

    /// Whether it is a child of this process, running or ended, so that its PID is its own.
    var isUnreaped: Bool { pid > 0 && chs_is_child(pid) != 0 }

    private func look(blocks: Bool, reaps: Bool) throws(SystemError) -> ProcessChange? {
        var event = CHS_NOTHING
        var value: Int32 = 0
        let failure = chs_wait(pid, blocks ? 1 : 0, reaps ? 1 : 0, &event, &value)
        guard failure == 0 else {
            throw SystemError("wait for process \(pid)", errno: Errno(rawValue: failure))
        }
        return switch event {
        case CHS_EXITED: .ended(.exited(value))
        case CHS_SIGNALLED: .ended(.signalled(Signal(rawValue: value)))
        case CHS_STOPPED: .stopped(Signal(rawValue: value))
        case CHS_CONTINUED: .continued
        default: nil
        }
    }
}

/// What the kernel tells a parent of its child.
package enum ProcessChange: Hashable, Sendable {
    case ended(ProcessEnd)
    case stopped(Signal)
    case continued
}

/// How a process ended.
package enum ProcessEnd: Hashable, Sendable {
    case exited(Int32)
    case signalled(Signal)

    /// The exit code as shells give it: 128 and the signal's number for a signal.
    package var exitCode: Int32 {
        switch self {
        case .exited(let code): code
        case .signalled(let signal): 128 + signal.rawValue
        }
    }
}

/// A child, spawned or inherited, that has ended and isn't reaped yet.
package struct EndedChild: Hashable, Sendable {
    package let pid: Int32
    package let end: ProcessEnd

    /// The next one, which stays the next one until it is reaped; nil if there is none.
    package static func next() -> EndedChild? {
        var pid: Int32 = 0
        var value: Int32 = 0
        var isSignal: Int32 = 0
        guard chs_next_ended_child(&pid, &value, &isSignal) == 0, pid > 0 else { return nil }
        let end: ProcessEnd =
            isSignal == 0 ? .exited(value) : .signalled(Signal(rawValue: value))
        return EndedChild(pid: pid, end: end)
    }

    package func reap() {
        try? ChildProcess(pid: pid).reap()
    }

    /// Makes this process the parent of descendants that lose theirs; false on macOS, which can't.
    @discardableResult
    package static func adoptOrphans() -> Bool {
        chs_adopt_orphans() == 0
    }
}
