import ArgumentParser
import HostSystem
import Logging
import PortlessCore
import Runner
import SystemPackage

/// Makes this process the holder of a daemon's sockets; see `Holder`.
struct DaemonHolder {
    let kind: DaemonKind
    let context: CommandContext
    let directory: StateDirectory
    /// Whether a command waits for the start, and the words go to the log.
    let isDetached: Bool

    /// Holds the sockets until the daemon is told to stop, or is given up.
    ///
    /// `open` returns the sockets, and what the daemon's command gets beside the arguments that say
    /// that it is held. `removeNames` takes this process out of the state directory: the daemon
    /// does so first, if it can.
    func run(
        open: () throws -> (sockets: [FileDescriptor], arguments: [String]),
        removeNames: (_ keepsSettings: Bool) -> Void,
    ) throws {
        let lock = try kind.takeHolderLock(in: directory)
        let (sockets, arguments) = try open()
        let isDetached = isDetached
        var environment = context.environment(for: directory)
        // The service manager is told by this process only.
        environment[ServiceNotification.variable] = nil
        let holder = try Holder(
            Holder.Configuration(
                executable: context.executable,
                arguments: [kind.rawValue, "start", "--foreground", "--held"]
                    + (isDetached ? ["--detached"] : []) + arguments,
                environment: environment,
                sockets: sockets,
                lock: lock,
                log: isDetached ? kind.log(in: directory) : nil,
                folder: directory.path,
                socketName: kind.socketName,
                report: { [context] report in
                    if isDetached { report.send() }
                    if case .ready = report { ServiceNotification.ready(context.environment) }
                },
                noteDeath: note,
            )
        )
        let code = holder.run()
        // Of a daemon that was given up the settings stay, for the next start.
        removeNames(code != 0)
        if code != 0 { throw ExitCode(code) }
    }

    /// Full disks and the like must not keep the holder from its work.
    private func note(_ death: DaemonDeath) {
        let log = DaemonLog(file: isDetached ? kind.log(in: directory) : nil)
        log.reopen()
        log.logger.error("\(DeathNotice.text(of: death, kind))")
        let crash = DaemonCrash(
            cause: death.end.reason,
            time: Timestamp.now.text,
            version: death.version ?? Portless.version,
            isGivenUp: death.pause == nil,
        )
        try? crash.write(to: kind.crashFile(in: directory), in: directory)
    }
}

/// What the log says of a daemon's death.
enum DeathNotice {
    static func text(of death: DaemonDeath, _ kind: DaemonKind) -> String {
        let version = death.version.map { " \($0)" } ?? ""
        let process = death.pid.map { " (PID \($0))" } ?? ""
        var text = "The \(kind)\(version)\(process) died by \(death.end.reason)."
        if let sentence = death.sentence {
            text += " " + (sentence.hasSuffix(".") ? sentence : sentence + ".")
        }
        switch death.pause {
        case .zero: return text + " It is started again."
        case let pause?: return text + " It is started again in \(pause.formattedSeconds) s."
        case nil:
            return text + """
                 It died too often within a minute and stays away until the next command that \
                needs it.
                """
        }
    }
}

extension Duration {
    fileprivate var formattedSeconds: String {
        let tenths = components.seconds * 10 + components.attoseconds / 100_000_000_000_000_000
        return "\(tenths / 10).\(tenths % 10)"
    }
}

extension HeldDaemon {
    /// Starts serving, tells the holder so, and returns at a signal to end.
    ///
    /// `isRetired`: another daemon serves on the same sockets, and the names are its own.
    func serve<Service>(
        until signals: SignalQueue,
        _ start: () throws -> Service,
    ) throws -> (service: Service, isRetired: Bool) {
        endWithHolder()
        OpenFileLimit.raise()
        let service = try start()
        isReady(version: Portless.version)
        return (service, signals.next() == Self.retireSignal)
    }
}
