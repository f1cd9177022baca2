import PortlessCore

@testable import Proxy

/// A self-signed certificate for `app.localhost` and `localhost`, valid for a century, whatever
/// name is asked for.
struct TestCertificate: CertificateSource {
    func certificate(forServerName serverName: String?) throws -> ServerCertificate {
        ServerCertificate(chain: [bytes(Self.leaf)], privateKey: bytes(Self.key))
    }

    static var pem: String {
        let text = Base64.encode(TestCertificate().bytes(leaf))
        return "-----BEGIN CERTIFICATE-----\n\(text)\n-----END CERTIFICATE-----\n"
    }

    private func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.utf8.compactMap(\.hexadecimalValue)
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    private static let leaf = """
        308201ac30820152a00302010202143c4405278e9f996f302190d16a56c9056ab464e0300a06082a \
        8648ce3d04030230183116301406035504030c0d6170702e6c6f63616c686f73743020170d323631 \
        3132313035303030395a180f32313236313032383035303030395a30183116301406035504030c0d \
        6170702e6c6f63616c686f73743059301306072a8648ce3d020106082a8648ce3d03010703420004 \
        cfdba5030fea87a27156c9648b8704ebf790648f8b6888a209ed9694fc2ffcb21436da3489653d83 \
        c969bbe712e2d51cb34dfb6adbb79d754c579489c20d4ba0a3783076301d0603551d0e04160414ff \
        34087f57787bb4272c10b5dc53a78e4690b9ec301f0603551d23041830168014ff34087f57787bb4 \
        272c10b5dc53a78e4690b9ec300f0603551d130101ff040530030101ff30230603551d11041c301a \
        820d6170702e6c6f63616c686f737482096c6f63616c686f7374300a06082a8648ce3d0403020348 \
        003045022019ff50ea8cab091b11e360f303bc38962cea4bec19e80ee26b2b24e1b123d61a022100 \
        a1950411e4ea89aec293a1834de62f2724bf1e4652e8cf77d07c4f0075747d68
        """

    private static let key = """
        30770201010420547518680ff6600e51a148995ff6a9e79b765d0402a2efc890dee19bfd4eef1ba0 \
        0a06082a8648ce3d030107a14403420004cfdba5030fea87a27156c9648b8704ebf790648f8b6888 \
        a209ed9694fc2ffcb21436da3489653d83c969bbe712e2d51cb34dfb6adbb79d754c579489c20d4b \
        a0
        """
}
