import HostSystem
import PortlessCore

/// Finds what a run that is gone has left listening on its port.
enum OrphanSearch {
    /// The listeners that carry the run's own mark, the URL that only its children were given.
    ///
    /// A port alone proves nothing: by now it may be a browser's, a container's or another app's.
    static func orphans(of entry: RouteEntry) -> [ProcessIdentity] {
        guard let port = entry.port,
            let sockets = try? ListeningSockets.on(port: port.rawValue)
        else { return [] }
        let holders = Set(ListeningSockets.holders(of: sockets).values.joined())
        return holders.sorted().compactMap { pid in
            // Before its environment is read: what has the PID later isn't the one that was looked at.
            let holder = ProcessIdentity.of(pid: pid)
            let variables = ProcessDetails.environment(of: pid) ?? [:]
            guard variables["PORT"] == port.description,
                let url = variables["PORTLESS_URL"],
                url.split(separator: "/").dropFirst().first?
                    .split(separator: ":").first.map(String.init) == entry.hostname
            else { return nil }
            return holder
        }
    }
}
