import Machine
import PortlessCore
import Proxy
import SystemPackage
import TestSupport
import Testing

@testable import Server

@Suite struct CertificateFilesTests {
    private func isUsable(_ condition: CertificateFiles.Condition) -> Bool {
        if case .usable = condition { true } else { false }
    }

    @Test func `a pair is found, and found again when it is replaced`() async throws {
        try await TemporaryDirectory.with { path in
            let directory = StateDirectory(path: path)
            let files = CertificateFiles(directory: directory)
            #expect(files.look() == .none)
            #expect(throws: CertificateFiles.Unusable.self) {
                try files.certificate(forServerName: nil)
            }
            try await TestCertificates.issue(in: directory)
            #expect(isUsable(files.look()))
            let first = try files.certificate(forServerName: nil).chain
            try await TestCertificates.issue(in: directory)
            #expect(try files.certificate(forServerName: nil).chain[0] != first[0])
        }
    }

    @Test func `a broken pair is told, and the one before it stays`() async throws {
        try await TemporaryDirectory.with { path in
            let directory = StateDirectory(path: path)
            let files = CertificateFiles(directory: directory)
            try await TestCertificates.issue(in: directory)
            let first = try files.certificate(forServerName: nil).chain
            try directory.write("no PEM", to: files.certificate)
            guard case .broken(let reason) = files.look() else {
                Issue.record("the pair is broken")
                return
            }
            #expect(reason.contains(files.certificate.string))
            #expect(try files.certificate(forServerName: nil).chain == first)
        }
    }

    @Test func `a certificate without its key is broken, not absent`() throws {
        try TemporaryDirectory.with { path in
            let directory = StateDirectory(path: path)
            let files = CertificateFiles(directory: directory)
            try path.write("certs/cert.pem", "x")
            #expect(files.look() != .none)
            #expect(!isUsable(files.look()))
        }
    }
}
