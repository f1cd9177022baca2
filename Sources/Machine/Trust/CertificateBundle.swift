/// Files with many PEM certificates.
enum CertificateBundle {
    /// Whether the certificate in `pem` is one of those in `bundle`, however lines are broken.
    static func contains(_ pem: [UInt8], in bundle: [UInt8]) -> Bool {
        guard let body = bodies(of: pem).first else { return false }
        return bodies(of: bundle).contains(body)
    }

    /// The Base64 between the markers, without blanks: bundles are large, hence no decoding.
    private static func bodies(of text: [UInt8]) -> [[UInt8]] {
        var bodies: [[UInt8]] = []
        var body: [UInt8]?
        for line in text.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            if line.starts(with: "-----BEGIN CERTIFICATE-----".utf8) {
                body = []
            } else if line.starts(with: "-----END".utf8) {
                if let body { bodies.append(body) }
                body = nil
            } else {
                body?.append(contentsOf: line.filter { $0 > 0x20 })
            }
        }
        return bodies
    }
}
