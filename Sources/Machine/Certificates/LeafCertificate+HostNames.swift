import SwiftASN1
import X509

extension LeafCertificate {
    /// The host names that the certificate is good for, as it writes them.
    package var hostNames: [String] {
        guard let der = chain.first, let certificate = try? Certificate(derEncoded: der),
            let names = try? certificate.extensions.subjectAlternativeNames
        else { return [] }
        return names.compactMap { name in
            if case .dnsName(let text) = name { text } else { nil }
        }
    }
}
