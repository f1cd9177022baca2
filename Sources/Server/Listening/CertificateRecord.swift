import HostSystem
import PortlessCore
package import SystemPackage

/// `meta.json` beside a certificate: who made it.
package enum CertificateRecord {
    /// `tailscale`, `portless`, or `custom` where nothing can be read.
    package static func mode(beside certificate: FilePath) -> String {
        let file = certificate.removingLastComponent().appending("meta.json")
        guard let bytes = try? AtomicFile.read(file), let json = try? JSONValue(parsing: bytes)
        else { return "custom" }
        return json["mode"]?.string ?? "custom"
    }
}
