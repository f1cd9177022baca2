package import SystemPackage

/// A setting of the proxy that flags, variables and files can make; the names are those of files.
package enum ProxySetting: String, CaseIterable, Sendable {
    case https, port, tld, wildcard, unprivileged

    /// The flag for it; nil where there is none.
    package var flag: String? {
        switch self {
        case .https: "--https"
        case .port: "--port"
        case .tld: "--tld"
        case .wildcard: "--wildcard"
        case .unprivileged: nil
        }
    }

    /// The environment variable for it; nil where there is none.
    package var variable: String? {
        switch self {
        case .https: "PORTLESS_HTTPS"
        case .port: "PORTLESS_PORT"
        case .tld: "PORTLESS_TLD"
        case .wildcard: "PORTLESS_WILDCARD"
        case .unprivileged: nil
        }
    }

    fileprivate func isMade(in request: ProxyRequest) -> Bool {
        switch self {
        case .https: request.usesTLS != nil
        case .port: request.port != nil
        case .tld: request.tlds != nil
        case .wildcard: request.usesWildcards != nil
        case .unprivileged: request.isUnprivileged != nil
        }
    }
}

/// Where the value of a setting comes from.
package enum SettingOrigin: Hashable, Sendable {
    case flag(String)
    case environment(variable: String)
    case project(FilePath, line: Int)
    case user(FilePath, line: Int)
    /// The proxy that ran last and was killed.
    case lastRun
    case usual
}

/// What each place that can ask something of the proxy asks, the strongest one first.
package struct ProxyRequestLayers: Sendable {
    package struct Layer: Sendable {
        package var request: ProxyRequest
        /// The file that asks; nil for flags and the environment.
        package var file: FilePath?
        package var origin: @Sendable (ProxySetting) -> SettingOrigin

        package init(
            _ request: ProxyRequest,
            file: FilePath? = nil,
            origin: @escaping @Sendable (ProxySetting) -> SettingOrigin,
        ) {
            self.request = request
            self.file = file
            self.origin = origin
        }
    }

    package var layers: [Layer]

    package init(_ layers: [Layer]) {
        self.layers = layers
    }

    /// All of it together.
    package var request: ProxyRequest { Self.merged(layers) }

    /// What only the files ask for.
    package var files: ProxyRequest { Self.merged(layers.filter { $0.file != nil }) }

    package func origin(of setting: ProxySetting) -> SettingOrigin {
        // A weaker port gives way to a stronger wish for none that takes an administrator.
        guard setting.isMade(in: request) else { return .usual }
        return layers.first { setting.isMade(in: $0.request) }?.origin(setting) ?? .usual
    }

    /// The file that asks for what `proxy` doesn't do, in these words; nil where no file does.
    package func file(askingFor difference: String, of proxy: ProxyDescription) -> FilePath? {
        let layer = layers.first { proxy.differences(from: $0.request).contains(difference) }
        return layer?.file
    }

    private static func merged(_ layers: [Layer]) -> ProxyRequest {
        layers.reversed().reduce(ProxyRequest()) { $0.overridden(by: $1.request) }
    }
}
