import Crypto
import PortlessCore

/// What a phone needs to trust our authority: pages and files, as answers to its requests.
package struct PhoneTrust: Sendable {
    package struct Answer: Hashable, Sendable {
        package var status = 200
        package var contentType = "text/plain; charset=utf-8"
        /// The name under which the phone stores it; nil for a page.
        package var fileName: String?
        package var body: [UInt8] = []
    }

    enum Platform: Hashable {
        case apple, android, other

        /// An iPad says that it is a Macintosh, which takes a profile as well.
        init(userAgent: String) {
            let known: [(String, Platform)] = [
                ("iPhone", .apple), ("iPad", .apple), ("iPod", .apple), ("Macintosh", .apple),
                ("Android", .android),
            ]
            self = known.first { userAgent.contains($0.0) }?.1 ?? .other
        }
    }

    private let certificate: TrustedCertificate
    /// The path's first part, which only those know who see the QR code.
    private let secret: String

    package init(_ certificate: TrustedCertificate, secret: String) {
        self.certificate = certificate
        self.secret = secret
    }

    /// Of the page that tells the steps.
    package var path: String { "/\(secret)/" }
    package var fingerprint: String { certificate.fingerprint.description }

    private static let profileName = "portless.mobileconfig"
    private static let derName = "portless-ca.crt"
    private static let pemName = "portless-ca.pem"

    /// The answer to a request; there is nothing but these files.
    package func answer(method: String, target: String, userAgent: String) -> Answer {
        let target = target.prefix { $0 != "?" }
        guard target.hasPrefix(path) else {
            return Answer(status: 404, body: Array("Not found.\n".utf8))
        }
        guard ["GET", "HEAD"].contains(method) else {
            return Answer(status: 405, body: Array("Only GET.\n".utf8))
        }
        switch target.dropFirst(path.count) {
        case "":
            let page = page(for: Platform(userAgent: userAgent))
            return Answer(contentType: "text/html; charset=utf-8", body: Array(page.utf8))
        case Self.profileName[...]:
            return Answer(
                contentType: "application/x-apple-aspen-config",
                fileName: Self.profileName,
                body: Array(profile.utf8),
            )
        case Self.derName[...]:
            return Answer(
                contentType: "application/x-x509-ca-cert",
                fileName: Self.derName,
                body: certificate.der,
            )
        case Self.pemName[...]:
            return Answer(
                contentType: "application/x-pem-file",
                fileName: Self.pemName,
                body: certificate.pem,
            )
        default: return Answer(status: 404, body: Array("Not found.\n".utf8))
        }
    }

    // MARK: The profile

    /// A configuration profile with the certificate as a root.
    ///
    /// Its identifiers stay the same for the same authority, so that a second installation replaces
    /// the first.
    var profile: String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" \
        "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
        <plist version="1.0">
        <dict>
          <key>PayloadContent</key>
          <array>
            <dict>
              <key>PayloadCertificateFileName</key><string>\(Self.derName)</string>
              <key>PayloadContent</key><data>\(Base64.encode(certificate.der))</data>
              <key>PayloadDescription</key>
              <string>Lets this device open the apps of one development machine.</string>
              <key>PayloadDisplayName</key><string>\(CertificateAuthority.commonName)</string>
              <key>PayloadIdentifier</key><string>\(identifier).root</string>
              <key>PayloadType</key><string>com.apple.security.root</string>
              <key>PayloadUUID</key><string>\(uuid(of: "root"))</string>
              <key>PayloadVersion</key><integer>1</integer>
            </dict>
          </array>
          <key>PayloadDescription</key>
          <string>The certificate authority of Portless, which signs for names such as .local only.</string>
          <key>PayloadDisplayName</key><string>\(CertificateAuthority.commonName)</string>
          <key>PayloadIdentifier</key><string>\(identifier)</string>
          <key>PayloadRemovalDisallowed</key><false/>
          <key>PayloadType</key><string>Configuration</string>
          <key>PayloadUUID</key><string>\(uuid(of: "profile"))</string>
          <key>PayloadVersion</key><integer>1</integer>
        </dict>
        </plist>

        """
    }

    private var identifier: String { "sh.portless.ca.\(certificate.fingerprint.short)" }

    /// A UUID (RFC 9562, version 8) of the certificate and a word.
    private func uuid(of word: String) -> String {
        var bytes = Array(SHA256.hash(data: Array(word.utf8) + certificate.der).prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = bytes.hexadecimal.uppercased()
        var parts: [Substring] = []
        var rest = digits[...]
        for count in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return parts.joined(separator: "-")
    }

    // MARK: The page

    private func page(for platform: Platform) -> String {
        let apple = """
            <h2>iPhone and iPad</h2>
            <ol>
            <li><a href="\(Self.profileName)">Load the profile</a>, then install it in
            Settings → General → VPN &amp; Device Management.</li>
            <li>Switch it on in Settings → General → About → Certificate Trust Settings.</li>
            </ol>
            """
        let android = """
            <h2>Android</h2>
            <ol>
            <li><a href="\(Self.derName)">Load the certificate</a>.</li>
            <li>Install it in Settings → Security → More → Encryption &amp; credentials →
            Install a certificate → CA certificate.</li>
            </ol>
            """
        let other = """
            <h2>Other devices</h2>
            <p><a href="\(Self.pemName)">The certificate as PEM</a></p>
            """
        let steps =
            switch platform {
            case .apple: apple
            case .android: android
            case .other: apple + android + other
            }
        return """
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>Trust this machine's apps</title>
            <style>
            body { font: 18px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 34em;
            padding: 0 1em; color-scheme: light dark; }
            code { overflow-wrap: anywhere; }
            </style>
            <h1>Trust this machine's apps</h1>
            \(steps)
            <p>Compare the SHA-256 fingerprint with the one in the terminal:<br>
            <code>\(fingerprint)</code></p>
            </html>

            """
    }
}
