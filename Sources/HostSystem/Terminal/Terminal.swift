import CLibrary
package import SystemPackage

/// The terminal of a file descriptor.
package struct Terminal: Hashable, Sendable {
    package let descriptor: FileDescriptor

    /// Nil unless the descriptor is a terminal.
    package init?(descriptor: FileDescriptor) {
        guard isatty(descriptor.rawValue) == 1 else { return nil }
        self.descriptor = descriptor
    }

    /// The terminal on standard input, from which the shell's job control speaks.
    package static var standardInput: Terminal? { Terminal(descriptor: .standardInput) }

    /// The process group in the foreground; nil if it isn't the controlling terminal.
    package var foregroundGroup: Int32? {
        let group = tcgetpgrp(descriptor.rawValue)
        return group > 0 ? group : nil
    }

    /// Puts a process group of this session in the foreground; false if the system refuses.
    ///
    /// SIGTTOU would stop a background process that does this, so it is blocked meanwhile.
    @discardableResult
    package func setForegroundGroup(_ group: Int32) -> Bool {
        withTTOUBlocked { tcsetpgrp(descriptor.rawValue, group) == 0 }
    }

    /// Line discipline, echo, special characters: what `stty` shows.
    package var modes: TerminalModes? {
        var attributes = termios()
        guard tcgetattr(descriptor.rawValue, &attributes) == 0 else { return nil }
        return TerminalModes(attributes: attributes)
    }

    /// Sets the modes at once and drops neither input nor output.
    @discardableResult
    package func setModes(_ modes: TerminalModes) -> Bool {
        withTTOUBlocked {
            var attributes = modes.attributes
            return tcsetattr(descriptor.rawValue, TCSANOW, &attributes) == 0
        }
    }

    /// Reads what is typed without showing it, such as a password.
    ///
    /// A signal from the keyboard takes its effect once the terminal is as it was; after a stop the
    /// reading goes on.
    package func readUnseen(_ read: () -> String?) -> String? {
        guard let shown = modes else { return read() }
        let signals = SignalMask([.hangUp, .interrupt, .quit, .terminate, .terminalStop])
        while true {
            signals.block()
            setModes(shown.unseen)
            var poll = Poll()
            poll.add(descriptor, .reading)
            var isReady = false
            while !isReady, !signals.hasPending {
                isReady = !poll.ready(timeout: .milliseconds(100)).isEmpty
            }
            let line = isReady ? read() : nil
            setModes(shown)
            signals.unblock()
            if isReady { return line }
        }
    }

    private func withTTOUBlocked(_ body: () -> Bool) -> Bool {
        var blocked = sigset_t()
        var previous = sigset_t()
        sigemptyset(&blocked)
        sigaddset(&blocked, SIGTTOU)
        pthread_sigmask(SIG_BLOCK, &blocked, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
        return body()
    }
}

/// A terminal's settings, kept to restore them.
package struct TerminalModes: Sendable {
    let attributes: termios

    /// The same, but what is typed isn't shown, except for the line's end.
    var unseen: TerminalModes {
        var attributes = attributes
        attributes.c_lflag &= ~tcflag_t(ECHO)
        attributes.c_lflag |= tcflag_t(ECHONL)
        return TerminalModes(attributes: attributes)
    }
}
