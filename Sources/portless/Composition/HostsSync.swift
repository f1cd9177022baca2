import Machine
import PortlessCore
import Runner

/// Keeps the hosts file at the names of the running apps, where this user may write it.
///
/// Browsers need none of it. Programs that ask the system's resolver do, where that doesn't know
/// that all of `*.localhost` is this machine, and so does every other TLD.
struct HostsSync {
    let context: CommandContext
    let directory: StateDirectory

    /// Does nothing where it is switched off or not allowed: `portless hosts sync` says why.
    func refresh() {
        guard !["0", "false"].contains(context.environment["PORTLESS_SYNC_HOSTS"]),
            let entries = try? RoutesStore(directory: directory).list()
        else { return }
        let names = entries.compactMap { Hostname($0.hostname) }
        let hosts = HostsFile(of: directory, context)
        if names.isEmpty { try? hosts.uninstall() } else { try? hosts.install(names) }
    }
}

extension NameRegistrar {
    /// Registers names for as long as this process lives, in the hosts file, too.
    init(_ context: CommandContext) throws {
        let routes = try context.routes()
        self.init(routes) { HostsSync(context: context, directory: routes.directory).refresh() }
    }
}
