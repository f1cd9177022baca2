import Foundation
import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Machine

@Suite struct PhoneTrustTests {
    private func with(_ body: (PhoneTrust, TrustedCertificate) throws -> Void) throws {
        try TemporaryDirectory.with { path in
            let directory = StateDirectory(path: path)
            _ = try AuthorityStore(directory: directory).prepare(topLevelDomains: [])
            let certificate = try #require(try TrustedCertificate.current(in: directory))
            try body(PhoneTrust(certificate, secret: "5ec2e7"), certificate)
        }
    }

    @Test func `nothing is served but below the secret`() throws {
        try with { site, _ in
            for target in ["/", "/5ec2e7", "/5ec2e8/", "/portless-ca.pem", "/5ec2e7/../ca-key.pem"]
            {
                let answer = site.answer(method: "GET", target: target, userAgent: "")
                #expect(answer.status == 404, "\(target)")
            }
            #expect(site.answer(method: "GET", target: "/5ec2e7/x", userAgent: "").status == 404)
            #expect(site.answer(method: "POST", target: site.path, userAgent: "").status == 405)
        }
    }

    @Test func `the page tells the steps of the phone that asks`() throws {
        try with { site, _ in
            func page(_ agent: String) -> String {
                let answer = site.answer(method: "GET", target: site.path, userAgent: agent)
                #expect(answer.status == 200)
                #expect(answer.contentType.hasPrefix("text/html"))
                return String(decoding: answer.body, as: UTF8.self)
            }
            let apple = page("Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X)")
            #expect(apple.contains("portless.mobileconfig"))
            #expect(!apple.contains("Android"))
            let android = page("Mozilla/5.0 (Linux; Android 16; Pixel 9)")
            #expect(android.contains("portless-ca.crt"))
            #expect(!android.contains("mobileconfig"))
            let other = page("curl/8.5.0")
            for part in ["mobileconfig", "portless-ca.crt", "portless-ca.pem", site.fingerprint] {
                #expect(other.contains(part))
            }
        }
    }

    @Test func `the files are the certificate, as PEM and DER`() throws {
        try with { site, certificate in
            func file(_ name: String) -> PhoneTrust.Answer {
                site.answer(method: "GET", target: site.path + name, userAgent: "")
            }
            #expect(file("portless-ca.pem").body == certificate.pem)
            #expect(file("portless-ca.crt").body == certificate.der)
            #expect(file("portless-ca.crt").contentType == "application/x-x509-ca-cert")
            #expect(file("portless-ca.crt").fileName == "portless-ca.crt")
        }
    }

    @Test func `the profile is a property list with the certificate as a root`() throws {
        try with { site, certificate in
            let target = site.path + "portless.mobileconfig"
            let answer = site.answer(method: "GET", target: target, userAgent: "")
            #expect(answer.contentType == "application/x-apple-aspen-config")
            let list = try #require(
                try PropertyListSerialization.propertyList(
                    from: Data(answer.body),
                    format: nil,
                ) as? [String: Any]
            )
            #expect(list["PayloadType"] as? String == "Configuration")
            let payload = try #require((list["PayloadContent"] as? [[String: Any]])?.first)
            #expect(payload["PayloadType"] as? String == "com.apple.security.root")
            #expect(payload["PayloadContent"] as? Data == Data(certificate.der))
            let ids = [list, payload].compactMap { $0["PayloadUUID"] as? String }
            #expect(ids.compactMap { UUID(uuidString: $0) }.count == 2)
            #expect(Set(ids).count == 2)
            // The same authority has the same profile, so that it replaces the one before.
            #expect(PhoneTrust(certificate, secret: "other").profile == site.profile)
        }
    }
}
