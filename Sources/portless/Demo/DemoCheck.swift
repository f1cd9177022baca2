import HostSystem
import Machine
import PortlessCore

/// Fetches the demo once through the proxy, trusting our own authority and nothing else.
struct DemoCheck {
    enum Finding: Equatable {
        case verified(host: String, authority: String)
        /// The proxy serves plain HTTP only.
        case plain

        var sentence: String {
            switch self {
            case .verified(let host, let authority):
                "Fetched once: 200, with a certificate for \(host) verified against \(authority)."
            case .plain:
                "Fetched once: 200, over plain HTTP, as the proxy runs without TLS."
            }
        }
    }

    let directory: StateDirectory

    /// Who signs the demo's certificate; nil where there is no authority of ours.
    func authority() throws -> DemoAuthority? {
        try TrustedCertificate.current(in: directory).map { certificate in
            DemoAuthority(
                name: CertificateAuthority.commonName,
                fingerprint: certificate.fingerprint.description,
            )
        }
    }

    func run(_ app: StartedApp) throws -> Finding {
        guard let host = app.hostnames.first else { throw Failure.noCommand }
        let authority = app.proxy.usesTLS ? try authorityFile(app.proxy) : nil
        let request = LocalRequest(
            host: host.description,
            port: app.proxy.port.number,
            authority: authority,
        )
        let answer: LocalRequest.Answer
        do {
            answer = try waiting { try await request.send() }
        } catch {
            throw Failure(
                "The demo can't be fetched from \(app.url): \(error).",
                remedy: "See \(directory.proxyLog).",
            )
        }
        guard answer.status == 200, answer.body.contains(DemoPage.marker) else {
            throw Failure(
                "\(app.url) answered \(answer.status), and not with the demo's page.",
                remedy: "See what has the name: portless list",
            )
        }
        return app.proxy.usesTLS
            ? .verified(host: host.description, authority: CertificateAuthority.commonName)
            : .plain
    }

    private func authorityFile(_ proxy: ProxyDescription) throws -> [UInt8] {
        guard !proxy.usesCustomCertificate else {
            throw Failure(
                "The proxy serves a certificate of your own, which the demo can't verify.",
                remedy: "Start it without --cert: portless proxy stop && portless demo",
            )
        }
        return try AtomicFile.read(directory.caCertificate)
    }
}
