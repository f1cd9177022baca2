/// One place where a machine keeps the CAs that it trusts.
///
/// Installing and uninstalling do nothing where there is nothing to do, and end with asking the
/// store again.
protocol TrustStore: Sendable {
    var name: String { get }

    func status(of certificate: TrustedCertificate) async -> TrustStatus
    func install(_ certificate: TrustedCertificate) async throws(TrustError)
    func uninstall(_ certificate: TrustedCertificate) async throws(TrustError)
}
