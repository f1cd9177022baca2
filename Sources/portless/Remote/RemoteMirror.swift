import HostSystem
import PortlessCore
import SystemPackage

/// The names of another machine as names of this one, for as long as this process runs.
///
/// One `ssh` runs a script there that tells each change, and forwards one port of this machine to the
/// proxy there. A lost connection is tried again, ever less often.
struct RemoteMirror {
    /// Longer than the script's beats: a connection that is silent for so long is dead.
    private static let silence = RemoteScript.beat * 3

    let context: CommandContext
    let ssh: SSHClient
    /// The other machine's state directory; nil: the usual one.
    let stateDirectory: String?
    /// What is said of each change, for people.
    var say: (RemoteStatus) -> Void = { _ in }

    /// Of this machine; it leads to the proxy there.
    let port: Port
    private let routes: RoutesStore
    private let owner: Route.Owner
    private var status: RemoteStatus
    private var pace = ReconnectPace()
    /// The port there that this machine's port leads to, once a proxy was seen to answer on it.
    private var forwarded: Port?
    private var report: RemoteReport?

    init(
        _ ssh: SSHClient,
        on port: Port,
        stateDirectory: String?,
        _ context: CommandContext,
    ) throws {
        self.context = context
        self.ssh = ssh
        self.port = port
        self.stateDirectory = stateDirectory
        routes = try context.routes()
        let process = ProcessIdentity.current
        owner = .process(process)
        status = RemoteStatus(host: ssh.host, state: .connecting, process: process)
    }

    /// A port of this machine that ssh can listen on.
    static func freePort(_ context: CommandContext) throws -> Port {
        var generator = SystemRandomNumberGenerator()
        return try EphemeralPortPicker().pick(
            preferring: nil,
            taken: Set(try context.routes().list().compactMap(\.port)),
            remembered: [],
            isFree: context.isFree,
            using: &generator,
        )
    }

    /// Returns when a signal has come; throws what only the user can mend.
    mutating func run(until signals: SignalPipe) throws {
        defer { withdraw() }
        while true {
            try publish { $0.state = .connecting }
            guard let loss = try connect(signals) else {
                try ssh.folder.remove(ssh.host.name)
                return
            }
            forwarded = nil
            try publish { status in
                status.state = loss.isFinal ? .failed : .waiting
                (status.reason, status.remedy) = (loss.sentence, loss.remedy)
                if loss.isFinal { (status.names, status.taken) = ([], []) }
            }
            if loss.isFinal { throw loss.failure }
            // The names stay: a request waits for the next connection, or gets an error page.
            var poll = Poll()
            poll.add(signals.reading, .reading)
            _ = poll.wait(timeout: pace.pause())
            if !signals.received().isEmpty {
                try ssh.folder.remove(ssh.host.name)
                return
            }
        }
    }

    /// Mirrors over one connection until that is lost; nil where a signal ended it.
    private mutating func connect(_ signals: SignalPipe) throws -> SSHFailure? {
        let script = RemoteScript.text(stateDirectory: stateDirectory, once: false)
        let session = try ssh.run(script)
        defer { session.close() }
        while true {
            switch try session.next(until: ContinuousClock.now + Self.silence, signals) {
            case .interrupted: return nil
            case .silent:
                return SSHFailure(sentence: "\(ssh.host) has said nothing for a while.")
            case .ended(_, let complaint): return .of(complaint, host: ssh.host)
            case .line(let line):
                if line.hasPrefix(RemoteScript.stateMark) {
                    guard
                        let report = RemoteReport(
                            line: line.dropFirst(RemoteScript.stateMark.count)
                        )
                    else { continue }
                    self.report = report
                } else if line != RemoteScript.beatMark {
                    continue
                }
                pace.connected()
                // At each beat, too: names here may have come and gone.
                try update()
            }
        }
    }

    /// Forwards to the proxy that the last report tells of, and mirrors the names.
    private mutating func update() throws {
        let problem = try forward()
        try mirror()
        try publish { status in
            status.state = .connected
            status.reason = problem?.sentence
            status.remedy = problem?.remedy
        }
    }

    /// What keeps this machine from the proxy there; nil if nothing does.
    private mutating func forward() throws -> SSHFailure? {
        guard let wanted = report?.proxyPort else {
            return SSHFailure(
                sentence: "No Portless proxy runs on \(ssh.host).",
                remedy: "It starts with the first app there.",
            )
        }
        if forwarded == wanted { return nil }
        if let old = forwarded { _ = try ssh.forward(port, to: old, ends: true) }
        forwarded = nil
        guard try ssh.forward(port, to: wanted) else {
            return SSHFailure(
                sentence: "ssh couldn't forward port \(port) to \(ssh.host).",
                remedy: "See whether this works: ssh -L \(port):127.0.0.1:\(wanted) \(ssh.host)",
            )
        }
        if let problem = RemoteProxy(host: ssh.host, remotePort: wanted).problem(on: port) {
            _ = try ssh.forward(port, to: wanted, ends: true)
            return problem
        }
        forwarded = wanted
        return nil
    }

    private mutating func mirror() throws {
        let proxy = try context.describeProxy()
        let names =
            report?.proxyPort == nil
            ? [] : report?.mirrored(as: ssh.host.name, under: proxy.tlds) ?? []
        let taken = try routes.mirror(
            names,
            from: ssh.host.name,
            port: port,
            owner: owner,
        )
        let served = names.filter { !taken.contains($0.hostname) }
        if served != status.names { HostsSync(routes, context).refresh() }
        (status.names, status.taken) = (served, taken)
    }

    private mutating func publish(_ change: (inout RemoteStatus) -> Void) throws {
        let before = status
        status.reason = nil
        status.remedy = nil
        change(&status)
        guard status != before || ssh.folder.status(of: ssh.host.name) != status else { return }
        try ssh.folder.write(status)
        say(status)
    }

    private func withdraw() {
        _ = try? routes.mirror([], from: ssh.host.name, port: port, owner: owner)
        HostsSync(routes, context).refresh()
    }
}
