/// The system store where we don't know one.
struct UnknownDistribution: TrustStore {
    let name = "system certificates"

    func status(of certificate: TrustedCertificate) async -> TrustStatus {
        .unavailable(
            """
            This distribution's way to trust a CA is unknown. Set PORTLESS_TRUST_ANCHORS to its \
            folder and PORTLESS_TRUST_REFRESH to its command, or add \(certificate.path) by hand.
            """
        )
    }

    func install(_ certificate: TrustedCertificate) async throws(TrustError) {}
    func uninstall(_ certificate: TrustedCertificate) async throws(TrustError) {}
}
