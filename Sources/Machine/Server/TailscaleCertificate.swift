import HostSystem
import PortlessCore
import SystemPackage

/// Asks Tailscale for this computer's name and for a certificate of it.
struct TailscaleCertificate {
    enum Answer: Hashable {
        case name(String)
        case notInstalled
        /// Why there is no name, as a sentence.
        case unavailable(String)

        var complaint: String {
            switch self {
            case .name(let name): "Tailscale calls this computer \(name)."
            case .notInstalled: "Tailscale isn't installed, or not on the server's PATH."
            case .unavailable(let reason): reason
            }
        }
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let runner: any CommandRunner

    func name() async -> Answer {
        guard runner.has("tailscale") else { return .notInstalled }
        let result: CommandResult
        do {
            result = try await runner.run(
                Command("tailscale", ["status", "--json"], timeLimit: .seconds(10))
            )
        } catch {
            return .unavailable("Tailscale doesn't answer: \(error)")
        }
        guard result.isSuccess, let status = try? JSONValue(parsing: result.output.utf8) else {
            return .unavailable("Tailscale doesn't answer: \(result.complaint).")
        }
        guard status["BackendState"]?.string == "Running" else {
            return .unavailable("Tailscale isn't connected; `tailscale up` connects it.")
        }
        let text = status["Self"]?["DNSName"]?.string ?? ""
        guard let name = Hostname(text.hasSuffix(".") ? String(text.dropLast()) : text) else {
            return .unavailable("MagicDNS is off in this tailnet, so the computer has no name.")
        }
        return .name(name.description)
    }

    /// A new pair that works; Tailscale asks Let's Encrypt for it, which may take a while.
    func fetch(
        _ name: String,
        into folder: ServerCertificateFolder,
        at now: Timestamp,
    ) async throws -> FetchedCertificate {
        try folder.create()
        let (certificate, key) = (folder.temporaryPath(), folder.temporaryPath())
        defer {
            try? FileSystem.removeFile(certificate)
            try? FileSystem.removeFile(key)
        }
        try await write(name, certificate: certificate, key: key)
        // It may begin at this very moment, or later if this computer's clock is slow.
        guard let pair = try? CustomCertificate.load(certificate: certificate, key: key),
            now < pair.notAfter, pair.hostNames.contains(name)
        else {
            throw Failure(description: "Tailscale gave a certificate that isn't good for \(name).")
        }
        return FetchedCertificate(
            certificate: try AtomicFile.read(certificate),
            key: try AtomicFile.read(key),
            pair: pair,
        )
    }

    private func write(_ name: String, certificate: FilePath, key: FilePath) async throws {
        let command = Command(
            "tailscale",
            ["cert", "--cert-file", certificate.string, "--key-file", key.string, name],
            timeLimit: .seconds(120),
        )
        let result: CommandResult
        do {
            result = try await runner.run(command)
        } catch {
            throw Failure(description: "Tailscale gave no certificate: \(error)")
        }
        guard result.isSuccess else {
            throw Failure(
                description:
                    """
                    Tailscale gave no certificate: \(result.complaint). HTTPS certificates are \
                    switched on in the admin console; on macOS the App Store's edition can't write \
                    the files.
                    """
            )
        }
    }
}

/// A pair that Tailscale has written, as the files have it.
struct FetchedCertificate {
    let certificate: [UInt8]
    let key: [UInt8]
    let pair: LeafCertificate
}
