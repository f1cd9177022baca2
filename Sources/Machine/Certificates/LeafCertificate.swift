package import HostSystem
import SwiftASN1
import X509

#if canImport(FoundationEssentials)
import struct FoundationEssentials.Date
#else
import struct Foundation.Date
#endif

/// A server certificate with its chain and key, in the form that TLS libraries take.
package struct LeafCertificate: Sendable, Hashable {
    /// DER, the leaf first.
    package let chain: [[UInt8]]
    /// DER: PKCS #8, SEC 1 or PKCS #1, as OpenSSL's `d2i_AutoPrivateKey` accepts.
    package let privateKey: [UInt8]
    package let notBefore: Timestamp
    package let notAfter: Timestamp

    /// Whether a client would accept the dates, both ends included.
    package func isValid(at time: Timestamp) -> Bool {
        notBefore <= time && time <= notAfter
    }
}

extension LeafCertificate {
    package var hostNames: [String] {
        guard let der = chain.first, let certificate = try? Certificate(derEncoded: der),
            let names = try? certificate.extensions.subjectAlternativeNames
        else { return [] }
        return names.compactMap { name in
            if case .dnsName(let text) = name { text } else { nil }
        }
    }
}

extension LeafCertificate {
    /// A month before the end, and of a short life the last third.
    private var renewalTime: Timestamp {
        let life = notAfter.seconds - notBefore.seconds
        let month = Timestamp(seconds: 0).advanced(byDays: 30).seconds
        return Timestamp(seconds: notAfter.seconds - min(month, life / 3))
    }

    /// Whether the certificate is near its end, isn't valid yet, or lacks one of the names.
    func isDueForRenewal(names: some Sequence<String>, at now: Timestamp) -> Bool {
        now < notBefore || renewalTime < now || !Set(names).isSubset(of: hostNames)
    }
}

// Certificates count in seconds.
extension Timestamp {
    init(_ date: Date) {
        self.init(seconds: Int64(clamping: date.timeIntervalSince1970))
    }

    var date: Date { Date(timeIntervalSince1970: Double(seconds)) }
}
