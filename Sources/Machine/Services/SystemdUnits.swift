import PortlessCore
import SystemPackage

/// The units of a service for systemd (systemd.service(5), systemd.socket(5)).
///
/// With sockets there is a socket unit for each: if another program has port 80, the one for 443
/// works all the same.
enum SystemdUnits {
    /// The first line of each file, by which it is known as ours.
    static let mark =
        "# Written by `portless service install`; `portless service uninstall` removes it."

    /// The name of the service's own unit; the proxy's is the npm original's, too.
    static func service(_ daemon: ServiceJob.Daemon) -> String { base(daemon) + ".service" }

    /// All units that a service of ours may have.
    static func all(_ daemon: ServiceJob.Daemon) -> [String] {
        [service(daemon), socket(daemon, 0), socket(daemon, 1)]
    }

    /// The names and texts of the units.
    static func texts(of job: ServiceJob) throws(ServiceError) -> [(name: String, text: String)] {
        try job.refuseControlCharacters()
        guard !job.program.string.contains(where: { "\"'\\".contains($0) }) else {
            throw .unusableProgram(job.program)
        }
        let sockets = job.sockets.indices.map { (socket(job.daemon, $0), text(of: $0, job)) }
        return [(service(job.daemon), service(job))] + sockets
    }

    private static func base(_ daemon: ServiceJob.Daemon) -> String {
        daemon == .proxy ? "portless" : "portless-server"
    }

    private static func socket(_ daemon: ServiceJob.Daemon, _ index: Int) -> String {
        base(daemon) + (index == 0 ? "" : "-redirect") + ".socket"
    }

    private static func text(of index: Int, _ job: ServiceJob) -> String {
        let socket = job.sockets[index]
        let streams =
            socket.addresses.isEmpty
            ? ["\(socket.port)"]
            : socket.addresses.map { $0.contains(":") ? "[\($0)]" : $0 }
                .map { "\($0):\(socket.port)" }
        return """
            \(mark)
            [Unit]
            Description=Port \(socket.port) of the Portless \(job.daemon.rawValue)

            [Socket]
            \(streams.map { "ListenStream=\($0)" }.joined(separator: "\n"))
            FileDescriptorName=\(socket.name)
            Service=\(service(job.daemon))

            [Install]
            WantedBy=sockets.target

            """
    }

    private static func service(_ job: ServiceJob) -> String {
        var unit = ["Description=Portless \(job.daemon.rawValue)"]
        let sockets = job.sockets.indices.map { socket(job.daemon, $0) }
        if let main = sockets.first { unit += ["Requires=\(main)"] }
        unit += ["After=\((["network.target"] + sockets).joined(separator: " "))"]
        unit += ["StartLimitIntervalSec=60", "StartLimitBurst=5"]

        // The holder says when the first daemon serves.
        var service = ["Type=notify", "NotifyAccess=main"]
        if let user = job.user { service.append("User=\(SystemdWord.quoted(user))") }
        if !sockets.isEmpty { service.append("Sockets=\(sockets.joined(separator: " "))") }
        for (name, value) in job.environment.sorted(by: { $0.key < $1.key }) {
            service.append("Environment=\(SystemdWord.alwaysQuoted("\(name)=\(value)"))")
        }
        service.append("ExecStart=\(SystemdWord.command(job.program.string, job.arguments))")
        service += ["Restart=on-failure", "RestartSec=2", "KillSignal=SIGTERM"]
        switch job.daemon {
        // The holder ends its daemon; what is left after that is killed.
        case .proxy: service += ["KillMode=mixed"]
        // Apps go on under their keepers, also if the system has killed one of them for its memory.
        case .server: service += ["KillMode=process", "OOMPolicy=continue"]
        }
        service += ["TimeoutStartSec=30", "TimeoutStopSec=10"]
        let target = job.scope == .user ? "default.target" : "multi-user.target"
        return """
            \(mark)
            [Unit]
            \(unit.joined(separator: "\n"))

            [Service]
            \(service.joined(separator: "\n"))

            [Install]
            WantedBy=\(target)

            """
    }
}

/// Words of a unit file, as systemd.syntax(7) and "Command lines" of systemd.service(5) say.
enum SystemdWord {
    /// A command line; `$` is doubled in the arguments, where systemd replaces variables.
    static func command(_ program: String, _ arguments: [String]) -> String {
        // In the program's path it replaces none, but it does in the name that the program is told.
        let first =
            program.contains("$")
            ? [alwaysQuoted("@" + program), "portless"] : [quoted(program)]
        let others = arguments.map { quoted($0.replacing("$", with: "$$")) }
        return (first + others).joined(separator: " ")
    }

    /// The word, in quotes where it needs them.
    static func quoted(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.unicodeScalars.allSatisfy { $0.isASCII && plain.contains(Character($0)) }
        return isPlain ? text.replacing("%", with: "%%") : alwaysQuoted(text)
    }

    /// In quotes, where `%` begins a specifier and `\` an escape all the same.
    static func alwaysQuoted(_ text: String) -> String {
        "\"" + escaped(text) + "\""
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("%", with: "%%")
    }

    private static let plain = Set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%+,-./:=@_^$"
    )
}
