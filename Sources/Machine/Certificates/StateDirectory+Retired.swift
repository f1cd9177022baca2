import PortlessCore
import SystemPackage

extension StateDirectory {
    /// Serializes those who would make a CA.
    var caLock: FilePath { path.appending("ca.lock") }

    /// Where a CA's certificate is kept once another has taken its place, so that it can still
    /// be taken out of trust stores.
    func retiredCertificate(_ fingerprint: Fingerprint) -> FilePath {
        path.appending("ca-\(fingerprint.short).retired.pem")
    }

    func retiredKey(_ fingerprint: Fingerprint) -> FilePath {
        path.appending("ca-key-\(fingerprint.short).retired.pem")
    }
}
