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
