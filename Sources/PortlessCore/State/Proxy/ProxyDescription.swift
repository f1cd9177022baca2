/// The proxy as commands see it: the running one, or the one that would be started.
package struct ProxyDescription: Hashable, Sendable {
    package var stateDirectory: StateDirectory
    package var isRunning: Bool
    package var port: Port
    package var usesTLS: Bool
    package var usesCustomCertificate: Bool
    package var tlds: [TLD]
    package var isLAN: Bool
    package var lanAddress: String?
    /// The version of the proxy if it is ours; nil for the original's.
    package var version: String?

    package init(
        stateDirectory: StateDirectory,
        isRunning: Bool,
        port: Port,
        usesTLS: Bool,
        usesCustomCertificate: Bool = false,
        tlds: [TLD],
        isLAN: Bool = false,
        lanAddress: String? = nil,
        version: String? = nil,
    ) {
        self.stateDirectory = stateDirectory
        self.isRunning = isRunning
        self.port = port
        self.usesTLS = usesTLS
        self.usesCustomCertificate = usesCustomCertificate
        self.tlds = tlds
        self.isLAN = isLAN
        self.lanAddress = lanAddress
        self.version = version
    }

    package func url(for hostname: Hostname) -> String {
        BareURL(usesTLS: usesTLS, host: hostname.description, port: port).description
    }

    /// What an explicit request asks for and this proxy doesn't do, each in a few words.
    ///
    /// Of a running proxy only the state files are known, which tell neither wildcards nor the
    /// paths of certificates.
    package func differences(from request: ProxyRequest) -> [String] {
        var result: [String] = []
        let wanted = ProxySettings(request, remembersLAN: isLAN)
        if request.isLAN != nil || request.lanAddress != nil, wanted.isLAN != isLAN {
            result.append(wanted.isLAN ? "requested LAN mode" : "requested no LAN mode")
        }
        if let address = request.lanAddress, isLAN, address != lanAddress {
            result.append("requested LAN IP \(address), running with \(lanAddress ?? "none")")
        }
        if request.usesTLS != nil || request.certificateFiles != nil, wanted.usesTLS != usesTLS {
            result.append(wanted.usesTLS ? "requested HTTPS" : "requested plain HTTP")
        }
        if request.tlds != nil, !wanted.isLAN, wanted.tlds != tlds {
            result.append("requested \(list(wanted.tlds)), running with \(list(tlds))")
        }
        return result
    }

    private func list(_ tlds: [TLD]) -> String {
        (tlds.count == 1 ? "TLD " : "TLDs ") + tlds.map { ".\($0)" }.joined(separator: ", ")
    }
}
