package import HostSystem
package import PortlessCore
package import SystemPackage

/// A CA that is ready for use, and what had to happen for that.
package struct AuthorityPreparation: Sendable {
    package enum Outcome: Hashable, Sendable {
        case existing
        case created
        /// The machine has to be asked for its trust again. `retired` is the old certificate.
        case replaced(ReplacementReason, retired: FilePath)
    }

    package let authority: CertificateAuthority
    package let outcome: Outcome
}

/// Why a CA could not stay.
package enum ReplacementReason: Hashable, Sendable, CustomStringConvertible {
    case unusable(CertificateError)
    case keyMissing(FilePath)
    case expires(at: Timestamp)
    case signedWithSHA1
    case outsideItsConstraints(Hostname)
    case unconstrained

    package var description: String {
        switch self {
        case .unusable(let error): error.description
        case .keyMissing(let path): "The CA's key \(path) is gone."
        case .expires: "The CA expires within a week."
        case .signedWithSHA1: "The CA is signed with SHA-1, which browsers refuse."
        case .unconstrained: "The CA could sign for every name, and now only for yours."
        case .outsideItsConstraints(let name):
            "The CA was made for other names than .\(name) and may not sign for them."
        }
    }
}
