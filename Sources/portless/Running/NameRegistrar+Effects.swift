import HostSystem
import Machine
import PortlessCore
import Runner

/// Keeps the hosts file at the names of the running apps, where this user may write it.
///
/// Browsers need none of it. Programs that ask the system's resolver do, where that doesn't know
/// that all of `*.localhost` is this machine, and so does every other TLD.
struct HostsSync: Sendable {
    private let routes: RoutesStore
    private let hosts: HostsFile
    private let isOn: Bool

    init(_ routes: RoutesStore, _ context: CommandContext) {
        self.routes = routes
        hosts = HostsFile(of: routes.directory, context)
        isOn = context.syncsHosts
    }

    /// Does nothing where it is switched off or not allowed: `portless hosts sync` says why.
    func refresh() {
        guard isOn, let entries = try? routes.list() else { return }
        let names = entries.compactMap { Hostname($0.hostname) }
        if names.isEmpty { try? hosts.uninstall() } else { try? hosts.install(names) }
    }
}

extension HostsSync {
    private static let publishing = Duration.seconds(5)

    /// Warns of names that the system's resolver doesn't lead to this machine, as soon as it has
    /// answered; names under .localhost are known to browsers and curl without it.
    static func warn(
        of names: [Hostname],
        on proxy: ProxyDescription,
        _ context: CommandContext,
    ) {
        let others = names.filter { !$0.description.hasSuffix(".localhost") }
        guard !others.isEmpty else { return }
        // A name that multicast DNS publishes leads to this machine's address there, after a moment.
        let lan = proxy.isLAN ? proxy.lanAddress : nil
        SystemThread.start {
            let lost = others.filter { name in
                let limit = lan != nil && name.isInLocalNetwork ? publishing : .zero
                return !Escalation.wait(upTo: limit) {
                    context.addresses(name.description).contains {
                        $0.isLoopback || $0.description == lan
                    }
                }
            }
            guard !lost.isEmpty else { return }
            let list = lost.map(\.description).joined(separator: ", ")
            context.console.warn("\(list) will not resolve. Run: portless hosts sync")
        }
    }
}

extension CommandContext {
    /// Warns of TLDs under which a name isn't served, because DNS knows none of that length.
    func warnOfLength(of name: AppName, under tlds: [TLD]) {
        for tld in name.tooLong(under: tlds) {
            console.warn(
                "\(name).\(tld) exceeds the 253 characters of a DNS name, so it isn't served."
            )
        }
    }
}

extension NameRegistrar {
    /// Registers names for as long as this process lives, in the hosts file, too.
    init(_ context: CommandContext) throws {
        let routes = try context.routes()
        self.init(routes, whenChanged: HostsSync(routes, context).refresh)
    }
}

/// Refuses the names that an app in the background has, also to `--force`: what it would end is the
/// keeper, and with it every process of that app.
func refuseSupervised(_ names: RouteNames, _ context: CommandContext) throws {
    let directory = try context.stateDirectory()
    let entries = try context.routes().list().filter { !$0.givesWay && !$0.isAlias }
    let paths = PathSelection.only(names.path)
    for hostname in names.own {
        guard let entry = entries.first(where: { paths.picks($0, of: hostname) }) else { continue }
        let owner = StoredApps.list(in: directory).first { app in
            entry.isOwned(by: try? KeeperFolder(of: app.name, in: directory).readKeeper())
        }
        guard let owner else { continue }
        throw Failure(
            "\"\(hostname)\" is already registered by the app \(owner.name) of \(owner.directory).",
            remedy: "Take it down with `portless down \(owner.name)`, or choose another name.",
        )
    }
}

/// Says of a name that is taken that the command can take it over.
func offeringForce<Result>(_ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as RoutesError {
        guard let conflict = error.conflict else { throw error }
        throw Failure(
            conflict.sentence,
            remedy: "\(conflict.remedy), or use --force to replace it.",
        )
    }
}

/// The apps that had a name until another one took it by force.
struct DisplacedApps {
    /// Longer than a run takes that is ended by force.
    private static let grace = Duration.seconds(12)

    let processes: [ProcessIdentity]
    let context: CommandContext

    /// Asks them to end, and returns those that were asked; one whose entry doesn't prove that its
    /// PID is still its own is left alone, and named.
    @discardableResult
    func terminate() -> [ProcessIdentity] {
        processes.filter { process in
            if context.processes.send(process, .terminate) { return true }
            if context.processes.isAlive(process) {
                context.console.warn(
                    """
                    The app that had the name (PID \(process.pid)) goes on: nothing shows that the \
                    process is still the same one, or it belongs to another user.
                    """
                )
            }
            return false
        }
    }

    /// As `terminate`, and waits until they are gone.
    func end() {
        let asked = terminate()
        guard !asked.isEmpty else { return }
        _ = Escalation.wait(upTo: Self.grace) { !asked.contains(where: context.processes.isAlive) }
        let pids = asked.map { String($0.pid) }.joined(separator: ", ")
        context.console.say("Killed existing process(es): \(pids)")
    }
}
