import HostSystem

/// The terminal, which passes back and forth between the shell's job (us) and our child.
struct TerminalShare {
    private let terminal: Terminal
    private let ownGroup: Int32
    /// The modes before the child changed any.
    private let ownModes: TerminalModes?
    /// The child's modes when it was stopped.
    private var childModes: TerminalModes?

    /// Nil where the terminal isn't ours to share: another process of our group, such as the `less`
    /// of a pipeline, may want it.
    init?(_ terminal: Terminal?) {
        guard let terminal,
            ProcessTree.current().isAlone(
                ProcessIdentity.current.pid,
                besides: InterruptSentinel.isOne,
            )
        else { return nil }
        self.terminal = terminal
        ownGroup = ProcessGroup.currentID
        ownModes = terminal.modes
    }

    /// The terminal to start the child in, if we are in its foreground now (not behind `&`).
    var forStart: Terminal? {
        terminal.foregroundGroup == ownGroup ? terminal : nil
    }

    /// Gives the child the terminal after the shell has given it to us (`fg`, not `bg`).
    mutating func lend(to child: ChildProcess) {
        guard terminal.foregroundGroup == ownGroup else { return }
        if let childModes { terminal.setModes(childModes) }
        childModes = nil
        terminal.setForegroundGroup(child.pid)
    }

    /// Takes the terminal from a child that took it and then failed to run.
    func reclaim() {
        terminal.setForegroundGroup(ownGroup)
    }

    /// Takes the terminal back and restores its modes, unless the shell has it because we run in
    /// the background.
    mutating func takeBack(from child: ChildProcess) {
        let holder = terminal.foregroundGroup
        guard holder == child.pid || holder == ownGroup else { return }
        if holder == child.pid {
            childModes = terminal.modes
            terminal.setForegroundGroup(ownGroup)
        }
        if let ownModes { terminal.setModes(ownModes) }
    }
}
