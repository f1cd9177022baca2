import HostSystem
import SwiftASN1
import SystemPackage
import TestSupport
import Testing

@testable import Machine

@Suite(
    .timeLimit(.minutes(1)),
    .enabled("OpenSSL 3 is not installed") { await OpenSSL.isInstalled() },
)
struct CustomCertificateTests {
    private func pair(_ openSSL: OpenSSL, _ kind: [String]) async throws {
        try await openSSL.run(
            "req",
            "-new",
            "-x509",
            "-newkey",
            kind[0],
            "-pkeyopt",
            kind[1],
            "-nodes",
            "-keyout",
            "@key.pem",
            "-out",
            "@cert.pem",
            "-subj",
            "/CN=x",
            "-days",
            "30",
        )
    }

    private func load(_ path: FilePath) throws -> LeafCertificate {
        try CustomCertificate.load(
            certificate: path.appending("cert.pem"),
            key: path.appending("key.pem"),
        )
    }

    @Test(arguments: [
        ["rsa", "rsa_keygen_bits:2048"], ["ec", "ec_paramgen_curve:P-256"],
        ["ec", "ec_paramgen_curve:P-384"],
    ])
    func `a pair that belongs together is taken`(kind: [String]) async throws {
        try await TemporaryDirectory.with { path in
            try await pair(OpenSSL(directory: path), kind)
            let leaf = try load(path)
            #expect(leaf.chain.count == 1)
            #expect(leaf.isValid(at: .now.advanced(byDays: 29)))
            #expect(!leaf.isValid(at: .now.advanced(byDays: 31)))
        }
    }

    @Test func `a chain, comments, CRLF and EC parameters are all fine`() async throws {
        try await TemporaryDirectory.with { path in
            let openSSL = OpenSSL(directory: path)
            try await openSSL.makeOriginalAuthority()
            let ca = String(decoding: try AtomicFile.read(path.appending("ca.pem")), as: UTF8.self)
            let text = "Bag Attributes\r\n  name: x\r\n" + ca.replacing("\n", with: "\r\n")
            try AtomicFile.write((text + "subject: y\n" + ca).utf8, to: path.appending("cert.pem"))
            let parameters = try await openSSL.run("ecparam", "-name", "prime256v1")
            let key = try AtomicFile.read(path.appending("ca-key.pem"))
            try AtomicFile.write(Array(parameters.utf8) + key, to: path.appending("key.pem"))
            #expect(try load(path).chain.count == 2)
        }
    }

    @Test func `each way of getting it wrong has its sentence`() async throws {
        try await TemporaryDirectory.with { path in
            let openSSL = OpenSSL(directory: path)
            let (certificate, key) = (path.appending("cert.pem"), path.appending("key.pem"))
            try await pair(openSSL, ["ec", "ec_paramgen_curve:P-256"])
            let good = try AtomicFile.read(key)

            try await openSSL.run(
                "pkey",
                "-in",
                "@key.pem",
                "-aes256",
                "-passout",
                "pass:x",
                "-out",
                "@locked.pem",
            )
            try AtomicFile.write(try AtomicFile.read(path.appending("locked.pem")), to: key)
            #expect(throws: CertificateError.encryptedKey(key)) { try load(path) }

            try await openSSL.run(
                "ecparam",
                "-genkey",
                "-name",
                "prime256v1",
                "-noout",
                "-out",
                "@key.pem",
            )
            #expect(throws: CertificateError.keyDoesNotMatch(certificate: certificate, key: key)) {
                try load(path)
            }

            try AtomicFile.write("no key\n".utf8, to: key)
            #expect(throws: CertificateError.noPrivateKey(key)) { try load(path) }

            try AtomicFile.write(good, to: key)
            try AtomicFile.write(good, to: certificate)
            #expect(throws: CertificateError.noCertificate(certificate)) { try load(path) }

            let broken = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
            try AtomicFile.write(broken.utf8, to: certificate)
            let error = #expect(throws: CertificateError.self) { try load(path) }
            #expect(error?.description.contains("\(certificate) can't be read") == true)

            try FileSystem.removeFile(certificate)
            let missing = #expect(throws: SystemError.self) { try load(path) }
            #expect(missing?.description.contains("\(certificate)") == true)
        }
    }
}

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
