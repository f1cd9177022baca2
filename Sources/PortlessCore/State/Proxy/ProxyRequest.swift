package import SystemPackage

/// What the environment and the flags ask of the proxy; nil is what they say nothing about.
package struct ProxyRequest: Hashable, Sendable {
    package struct CertificateFiles: Hashable, Sendable {
        package var certificate: FilePath
        package var key: FilePath

        package init(certificate: FilePath, key: FilePath) {
            self.certificate = certificate
            self.key = key
        }
    }

    package var port: Port?
    package var usesTLS: Bool?
    package var isLAN: Bool?
    package var lanAddress: String?
    package var tlds: [TLD]?
    package var usesWildcards: Bool?
    package var certificateFiles: CertificateFiles?

    package init() {}

    /// What `PORTLESS_PORT`, `_HTTPS`, `_LAN`, `_LAN_IP`, `_TLD` and `_WILDCARD` ask for.
    package init(environment: [String: String]) throws(NameError) {
        func flag(_ name: String) -> Bool? { environment[name].map(Self.isTrue) }
        port = environment["PORTLESS_PORT"].flatMap { Port($0.trimmingBlanks) }
        // TLS is on by default, so only a clear no turns it off.
        usesTLS = environment["PORTLESS_HTTPS"].map { !Self.isFalse($0) }
        isLAN = flag("PORTLESS_LAN")
        usesWildcards = flag("PORTLESS_WILDCARD")
        if let address = environment["PORTLESS_LAN_IP"]?.trimmingBlanks, !address.isEmpty {
            lanAddress = address
            isLAN = true
        }
        if let list = environment["PORTLESS_TLD"], !list.trimmingBlanks.isEmpty {
            tlds = try TLD.list(parsing: list)
        }
    }

    /// This request with what `flags` asks for taking precedence.
    package func overridden(by flags: ProxyRequest) -> ProxyRequest {
        var result = self
        result.port = flags.port ?? port
        result.usesTLS = flags.usesTLS ?? usesTLS
        result.isLAN = flags.isLAN ?? isLAN
        result.lanAddress = flags.lanAddress ?? lanAddress
        result.tlds = flags.tlds ?? tlds
        result.usesWildcards = flags.usesWildcards ?? usesWildcards
        result.certificateFiles = flags.certificateFiles ?? certificateFiles
        return result
    }

    /// This request, and for the rest what a proxy that was killed had been started with.
    ///
    /// For starting it again unasked only: whoever starts a proxy by hand gets what they ask for,
    /// so an old TLD never comes back.
    package func continuing(_ leftover: ProxyMarkers) -> ProxyRequest {
        guard let leftoverPort = leftover.port else { return self }
        var result = self
        result.port = port ?? leftoverPort
        result.usesTLS = usesTLS ?? leftover.usesTLS
        result.tlds = tlds ?? leftover.tlds
        result.isLAN = isLAN ?? (leftover.lanAddress != nil)
        return result
    }

    static func isTrue(_ text: String) -> Bool { ["1", "true"].contains(text.lowercased()) }
    static func isFalse(_ text: String) -> Bool { ["0", "false"].contains(text.lowercased()) }
}

/// With what the proxy is to run: a request with every gap filled.
package struct ProxySettings: Hashable, Sendable {
    package var port: Port
    package var usesTLS: Bool
    package var isLAN: Bool
    /// A pinned address; nil in LAN mode means the one that the machine has at the moment.
    package var lanAddress: String?
    package var tlds: [TLD]
    package var usesWildcards: Bool
    package var certificateFiles: ProxyRequest.CertificateFiles?
    /// The requested TLDs, where LAN mode overrides them.
    package var ignoredTLDs: [TLD]

    /// Where the proxy goes when it can't have 443 or 80.
    package static let fallbackPort: Port = 1355

    /// `remembersLAN` tells whether the proxy was last run in LAN mode.
    package init(_ request: ProxyRequest, remembersLAN: Bool = false) {
        usesTLS = request.certificateFiles != nil || request.usesTLS ?? true
        isLAN = request.lanAddress != nil || request.isLAN ?? remembersLAN
        port = request.port ?? (usesTLS ? 443 : 80)
        lanAddress = request.lanAddress
        // Multicast DNS publishes nothing but .local names.
        tlds = isLAN ? [.local] : request.tlds ?? [.localhost]
        ignoredTLDs = isLAN ? (request.tlds ?? []).filter { $0 != .local } : []
        usesWildcards = request.usesWildcards ?? false
        certificateFiles = request.certificateFiles
    }
}
