import CLibrary

/// A signal, by its number.
package struct Signal: RawRepresentable, Hashable, Sendable {
    package let rawValue: Int32

    package init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    package static let hangUp = Signal(rawValue: SIGHUP)
    package static let interrupt = Signal(rawValue: SIGINT)
    package static let quit = Signal(rawValue: SIGQUIT)
    package static let kill = Signal(rawValue: SIGKILL)
    package static let user1 = Signal(rawValue: SIGUSR1)
    package static let user2 = Signal(rawValue: SIGUSR2)
    package static let brokenPipe = Signal(rawValue: SIGPIPE)
    package static let alarm = Signal(rawValue: SIGALRM)
    package static let terminate = Signal(rawValue: SIGTERM)
    package static let childChanged = Signal(rawValue: SIGCHLD)
    package static let `continue` = Signal(rawValue: SIGCONT)
    package static let stop = Signal(rawValue: SIGSTOP)
    package static let terminalStop = Signal(rawValue: SIGTSTP)
    package static let terminalInput = Signal(rawValue: SIGTTIN)
    package static let terminalOutput = Signal(rawValue: SIGTTOU)
    /// Ignored by default, so that it may be sent to any version of a program.
    package static let urgent = Signal(rawValue: SIGURG)
    package static let windowChanged = Signal(rawValue: SIGWINCH)

    package func sendToThisProcess() {
        _ = CLibrary.kill(getpid(), rawValue)
    }
}

extension Signal: CustomStringConvertible {
    /// The name as `kill -l` shows it, for signals that commonly end processes.
    package var description: String {
        switch rawValue {
        case SIGHUP: "SIGHUP"
        case SIGINT: "SIGINT"
        case SIGQUIT: "SIGQUIT"
        case SIGILL: "SIGILL"
        case SIGTRAP: "SIGTRAP"
        case SIGABRT: "SIGABRT"
        case SIGBUS: "SIGBUS"
        case SIGFPE: "SIGFPE"
        case SIGKILL: "SIGKILL"
        case SIGSEGV: "SIGSEGV"
        case SIGPIPE: "SIGPIPE"
        case SIGTERM: "SIGTERM"
        default: "signal \(rawValue)"
        }
    }
}

extension Signal {
    enum Disposition {
        case standard
        /// A handler that does nothing.
        case ineffective
    }

    /// Whether this process ignores the signal, which it may inherit from its parent.
    package var isIgnored: Bool {
        var action = sigaction()
        guard sigaction(rawValue, nil, &action) == 0 else { return false }
        #if canImport(Darwin)
        let handler = action.__sigaction_u.__sa_handler
        #else
        let handler = action.__sigaction_handler.sa_handler
        #endif
        return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// Whether this process has to go on ignoring the signal because its parent wants that, as `nohup`
    /// does of SIGHUP.
    ///
    /// A shell without job control starts `… &` with SIGINT and SIGQUIT ignored, which is meant for the
    /// keyboard. A process that ends its children in order heeds requests to end all the same: users
    /// and supervisors send them with `kill`.
    package var staysIgnored: Bool {
        isIgnored && ![.interrupt, .quit, .terminate].contains(self)
    }

    func setDisposition(to disposition: Disposition) {
        switch disposition {
        case .standard: signal(rawValue, SIG_DFL)
        case .ineffective: signal(rawValue) { _ in }
        }
    }
}
