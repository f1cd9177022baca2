package import HostSystem

/// A certificate to serve with, its chain and its key, in the form TLS libraries take.
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
