import SystemPackage
import Testing

@testable import Machine

/// The tool that the original makes its certificates with.
struct OpenSSL {
    let directory: FilePath

    /// macOS's `openssl` is LibreSSL, which prints and takes other things.
    static func isInstalled() async -> Bool {
        let result = try? await systemRunner.run(Command("openssl", ["version"]))
        return result?.output.hasPrefix("OpenSSL 3") == true
    }

    @discardableResult
    func run(_ arguments: String...) async throws -> String {
        let words = arguments.map { $0.replacing("@", with: directory.string + "/") }
        let result = try await systemRunner.run(Command("openssl", words))
        try #require(result.isSuccess, "\(result.errorOutput)")
        return result.output
    }

    /// A CA as the original 0.15 makes it: unconstrained, P-256, the key in SEC 1.
    func makeOriginalAuthority(days: Int = 3650, digest: String = "-sha256") async throws {
        try await run("ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", "@ca-key.pem")
        try await run(
            "req",
            "-new",
            "-x509",
            digest,
            "-key",
            "@ca-key.pem",
            "-out",
            "@ca.pem",
            "-days",
            "\(days)",
            "-subj",
            "/CN=portless Local CA",
            "-addext",
            "basicConstraints=critical,CA:TRUE",
            "-addext",
            "keyUsage=critical,keyCertSign,cRLSign",
        )
    }
}
