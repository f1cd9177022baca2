/// The labeled ports that a run of an app is told, and which of them get names.
package struct AppPorts: Hashable, Sendable {
    package struct Endpoint: Hashable, Sendable {
        package var label: String
        package var port: Port
        /// Ports that speak something else are told by number only.
        package var speaksHTTP: Bool

        package init(label: String, port: Port, speaksHTTP: Bool? = nil) {
            self.label = label
            self.port = port
            self.speaksHTTP = speaksHTTP ?? PortLabels.speaksHTTP(label)
        }
    }

    package var endpoints: [Endpoint]
    /// The label whose port is `PORT` and has the app's bare name; nil where none speaks HTTP.
    package var primaryLabel: String?
    /// False where the app is itself called by a label, as `api.shop` is.
    package var areLabelsNamed: Bool

    package init(_ endpoints: [Endpoint]) {
        self.endpoints = endpoints
        let labels = endpoints.filter(\.speaksHTTP).map(\.label)
        primaryLabel = PortLabels.primary(of: labels) ?? labels.first
        areLabelsNamed = true
    }

    package init(_ lease: PortLease) {
        self.init(lease.ports.map { Endpoint(label: $0.label, port: $0.port) })
    }

    package var primary: Endpoint? {
        endpoints.first { $0.label == primaryLabel }
    }

    /// `<LABEL>_PORT` for every label; `PORT` is the run's own affair.
    package var environment: [String: String] {
        var variables: [String: String] = [:]
        for endpoint in endpoints {
            let name = PortLabels.environmentVariable(of: endpoint.label)
            variables[name] = endpoint.port.description
        }
        return variables
    }

    /// The names beside the bare one: `api.shop` for each label of `shop` that speaks HTTP.
    package func names(of app: AppName) throws(NameError) -> [(name: AppName, endpoint: Endpoint)] {
        guard areLabelsNamed else { return [] }
        var names: [(name: AppName, endpoint: Endpoint)] = []
        for endpoint in endpoints where endpoint.speaksHTTP {
            names.append((try app.prefixed(by: endpoint.label.lowercased()), endpoint))
        }
        return names
    }

    /// The port that the user has fixed is the primary one's, whatever was leased for it.
    package func fixing(_ port: Port?) -> AppPorts {
        guard let port, let index = endpoints.firstIndex(where: { $0.label == primaryLabel })
        else { return self }
        var result = self
        result.endpoints[index].port = port
        return result
    }
}
