import SwiftASN1
import Testing

@testable import Machine

@Suite struct PEMFileTests {
    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        AQID
        -----END CERTIFICATE-----
        """

    private func file(_ text: String) throws -> PEMFile { try PEMFile(Array(text.utf8)) }

    @Test(arguments: [
        certificate,
        "\n" + certificate + "\n",
        "subject: x\n" + certificate + "\ntrailing words",
        certificate.replacing("\n", with: "\r\n"),
        certificate.replacing("\n", with: "  \n"),
        "-----BEGIN CERTIFICATE-----\nAQ\n" + certificate,
    ])
    func `a block is found whatever stands around it`(text: String) throws {
        #expect(try file(text).certificates.map(\.derBytes) == [[1, 2, 3]])
    }

    @Test func `a block without its end is none`() throws {
        #expect(try file("-----BEGIN CERTIFICATE-----\nAQID\n").blocks.isEmpty)
        #expect(try file("").blocks.isEmpty)
    }

    @Test func `what is not Base64 is an error`() {
        let text = Self.certificate.replacing("AQID", with: "A!ID")
        #expect(throws: (any Error).self) { try file(text) }
    }

    @Test(arguments: ["PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY"])
    func `the key is the first block that is one`(kind: String) throws {
        let key = Self.certificate.replacing("CERTIFICATE", with: kind)
        let parameters = Self.certificate.replacing("CERTIFICATE", with: "EC PARAMETERS")
        let found = try file([parameters, key, Self.certificate].joined(separator: "\n"))
        #expect(found.privateKey?.discriminator == kind)
        #expect(found.certificates.count == 1)
    }
}
