extension RoutesStore {
    /// Makes `names` the owner's only ones, mirrored from a machine; returns those that others have.
    @discardableResult
    package func mirror(
        _ names: [MirroredName],
        from machine: String,
        port: Port,
        owner: Route.Owner,
    ) throws -> [Hostname] {
        try change { document in
            let isOwn = { (entry: RouteEntry) in entry.isOwned(by: owner) }
            let taken = Set(document.entries.filter { !isOwn($0) }.map { $0.hostname.lowercased() })
            let wanted = names.filter { !taken.contains($0.hostname.description) }.map { name in
                var entry = RouteEntry(
                    Route(
                        hostname: name.hostname,
                        port: port,
                        owner: owner,
                        upstreamHost: name.remote,
                    )
                )
                entry.remote = machine
                return entry
            }
            // Unchanged entries stay where they are, and the file as it is.
            if document.entries.filter(isOwn) != wanted {
                _ = document.remove(where: isOwn)
                for entry in wanted { document.append(entry) }
            }
            return names.map(\.hostname).filter { taken.contains($0.description) }
        }
    }
}
