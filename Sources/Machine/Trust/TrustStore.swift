/// One place where a machine keeps the CAs that it trusts.
///
/// Installing and uninstalling do nothing if there is nothing to do, and check the result.
protocol TrustStore: Sendable {
    var name: String { get }

    func status(of certificate: TrustedCertificate) async -> TrustStatus
    func install(_ certificate: TrustedCertificate) async throws(TrustError)
    func uninstall(_ certificate: TrustedCertificate) async throws(TrustError)
}

/// Whether a store trusts our CA.
package enum TrustStatus: Hashable, Sendable {
    case trusted
    case untrusted
    /// The store can't be asked or changed here; the text says why and what would help.
    case unavailable(String)
}

/// The state of one store after it was asked or changed.
package struct TrustReport: Hashable, Sendable {
    package let store: String
    package let status: TrustStatus
    package let failure: TrustError?
    /// Whether it is the system's store, which most programs read; the others are browsers'.
    package let isSystemStore: Bool
}

/// A store that could not be changed: which one, why, and what to do by hand.
package struct TrustError: Error, Hashable, Sendable, CustomStringConvertible {
    package let store: String
    package let reason: String
    /// Commands that do the same.
    package let byHand: [Command]

    package var description: String {
        let lines = byHand.map(\.description).joined(separator: " && ")
        return "\(store): \(reason). To do it by hand, run: \(lines)"
    }
}

/// The system store of an unknown distribution.
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
