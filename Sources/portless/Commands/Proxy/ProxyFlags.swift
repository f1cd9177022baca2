import ArgumentParser
import PortlessCore

/// The flags that say how the proxy is to serve.
struct ProxyFlags: ParsableArguments {
    @Option(name: [.short, .long], help: "The port to listen on (443, else 1355).")
    var port: String?

    @Flag(help: "Serve HTTPS, as is the default.")
    var https = false

    @Flag(name: .customLong("no-tls"), help: "Serve plain HTTP only.")
    var noTLS = false

    @Option(name: .customLong("tld"), help: "In place of localhost; may be repeated.")
    var tlds: [String] = []

    @Flag(help: "Send any.name.localhost to name.localhost.")
    var wildcard = false

    @Option(name: .customLong("cert"), help: "A certificate of your own, as PEM.")
    var certificate: String?

    @Option(help: "The certificate's private key, as PEM.")
    var key: String?

    /// What they ask for.
    func request(_ context: CommandContext) throws -> ProxyRequest {
        var request = ProxyRequest()
        request.port = try port.map { try Port(argument: $0) }
        if https || noTLS { request.usesTLS = !noTLS }
        if !tlds.isEmpty { request.tlds = try TLD.list(parsing: tlds.joined(separator: ",")) }
        if wildcard { request.usesWildcards = true }
        switch (certificate, key) {
        case (let certificate?, let key?):
            request.certificateFiles = ProxyRequest.CertificateFiles(
                certificate: context.resolve(certificate),
                key: context.resolve(key),
            )
        case (nil, nil): break
        default:
            throw Failure(
                "--cert and --key belong together.",
                remedy: "Give both: --cert cert.pem --key key.pem",
            )
        }
        return request
    }
}
