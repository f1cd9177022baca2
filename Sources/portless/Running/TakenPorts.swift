import PortlessCore

/// Warns of labeled ports that somebody else listens on already.
enum TakenPorts {
    static func warnings(of ports: AppPorts?, isFree: (Port) -> Bool) -> [String] {
        let endpoints = ports?.endpoints ?? []
        // An app called `api.shop` has no other port of `shop` than that one.
        let own =
            ports?.areLabelsNamed == false ? endpoints.filter { $0 == ports?.primary } : endpoints
        return own.compactMap { endpoint in
            guard !isFree(endpoint.port) else { return nil }
            let holder = PortHolders.description(of: endpoint.port) ?? "another process"
            return """
                Port \(endpoint.port), for \(endpoint.label), is held by \(holder). \
                `portless ports kill \(endpoint.port)` ends it.
                """
        }
    }
}
