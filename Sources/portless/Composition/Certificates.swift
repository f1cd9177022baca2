import Machine
import PortlessCore
import Proxy

/// Certificates of our own authority, minted for the names that are served.
struct MintedCertificates: CertificateSource {
    let cache: LeafCache

    func certificate(forServerName serverName: String?) throws -> ServerCertificate {
        try ServerCertificate(cache.leaf(for: serverName.flatMap { Hostname($0) }))
    }
}

/// The one certificate that the user brought along.
struct CustomCertificates: CertificateSource {
    let certificate: ServerCertificate

    func certificate(forServerName serverName: String?) -> ServerCertificate { certificate }
}

extension ServerCertificate {
    init(_ leaf: LeafCertificate) {
        self.init(chain: leaf.chain, privateKey: leaf.privateKey)
    }
}
