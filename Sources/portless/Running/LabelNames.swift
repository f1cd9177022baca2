import PortlessCore

/// The names of an app's labeled ports, beside its own.
enum LabelNames {
    /// One for each label that speaks HTTP, under each TLD.
    static func labels(
        of app: AppName,
        ports: AppPorts?,
        tlds: [TLD],
    ) throws -> [RouteLabel] {
        try ports?.names(of: app).flatMap { name, endpoint in
            try name.hostnames(under: tlds).map { hostname in
                RouteLabel(label: endpoint.label, hostname: hostname, port: endpoint.port)
            }
        } ?? []
    }

    /// Why a name of a label isn't there.
    static func warning(_ hostname: Hostname) -> String {
        "\(hostname) is the name of an app that runs, and stays with it."
    }
}
