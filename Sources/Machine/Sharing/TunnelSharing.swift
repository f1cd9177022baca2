import HostSystem
package import PortlessCore
package import SystemPackage

/// Shares apps by a program that holds a tunnel as long as it runs: ngrok, cloudflared.
package struct TunnelSharing: SharingTool {
    private static let limit = Duration.seconds(30)
    /// How long a tunnel may take to connect after it has an address.
    private static let connectionLimit = Duration.seconds(10)
    private static let pause = Duration.milliseconds(50)

    package let provider: SharingProvider
    private let runner: any CommandRunner
    private let environment: [String: String]
    /// Where the program's process is announced, for the guardian.
    private let announcement: FileDescriptor?

    package init(
        _ provider: SharingProvider,
        runner: any CommandRunner,
        environment: [String: String],
        announcement: FileDescriptor? = nil,
    ) {
        self.provider = provider
        self.runner = runner
        self.environment = environment
        self.announcement = announcement
    }

    private var program: String { provider.program }

    package func checkReadiness() async throws {
        let question = Command(program, versionQuestion, timeLimit: .seconds(10))
        guard runner.has(program) else { throw notInstalled("\(provider.title) CLI not found.") }
        let result: CommandResult
        do {
            result = try await runner.run(question)
        } catch {
            throw notInstalled("\(program) doesn't answer: \(error).")
        }
        guard result.isSuccess else {
            throw notInstalled("\(program) doesn't work: \(result.complaint).")
        }
    }

    package func open(
        _ share: ShareRecord,
        note: @Sendable (ShareRecord) throws -> Void,
    ) async throws -> OpenShare {
        guard let executable = ProgramSearch.find(program, path: environment["PATH"]) else {
            throw notInstalled("\(provider.title) CLI not found.")
        }
        let tunnel = try TunnelProcess.start(
            executable,
            Self.arguments(provider, share),
            provider,
            environment: environment,
            announcement: announcement,
        )
        var record = share
        record.tunnel = tunnel.identity
        do {
            try note(record)
            record.url = try await address(of: tunnel).description
            try note(record)
            return OpenShare(
                record: record,
                tunnel: tunnel,
                warning: await waitForConnection(of: tunnel),
            )
        } catch {
            tunnel.end()
            throw error
        }
    }

    package func close(_ share: ShareRecord) async throws {
        guard let tunnel = share.tunnel.flatMap({ proven($0, share) }) else { return }
        let group = ProcessGroup(leader: tunnel)
        let outcome = Escalation(grace: .seconds(3), afterForce: .seconds(1)).run(
            send: { group.send($0) || tunnel.send($0) },
            isOver: { !tunnel.isVerified },
        )
        guard outcome == .failed || outcome == .refused else { return }
        throw SharingError(
            "The \(program) of \(share.hostname) (PID \(tunnel.pid)) can't be ended.",
            remedy: "End it yourself: kill \(tunnel.pid)",
        )
    }

    /// The process, if it is certain that it is this share's: by its start time and its program, or,
    /// where the npm original has recorded the PID alone, by its arguments.
    private func proven(_ process: ProcessIdentity, _ share: ShareRecord) -> ProcessIdentity? {
        guard let now = ProcessIdentity.of(pid: process.pid),
            let words = ProcessDetails.commandLine(of: process.pid),
            // A script has its interpreter in front.
            words.prefix(2).contains(where: { FilePath($0).lastComponent?.string == program })
        else { return nil }
        switch process.standing {
        case .running: return now == process ? now : nil
        case .ended, .elsewhere: return nil
        case .unproven:
            let isTold = words.contains("http://127.0.0.1:\(share.port)")
            return isTold ? now : nil
        }
    }

    // MARK: The program

    static func arguments(_ provider: SharingProvider, _ share: ShareRecord) -> [String] {
        let target = "http://127.0.0.1:\(share.port)"
        guard provider == .ngrok else {
            return [
                "tunnel", "--no-autoupdate", "--http-host-header", share.hostname.description,
                "--url", target,
            ]
        }
        return [
            "http", "--log=stdout", "--log-format=logfmt",
            "--host-header=\(share.hostname)", target,
        ]
    }

    private var versionQuestion: [String] { provider == .ngrok ? ["version"] : ["--version"] }

    private func address(of tunnel: TunnelProcess) async throws -> SharedURL {
        let end = ContinuousClock.now + Self.limit
        while true {
            let log = tunnel.log
            if let url = log.url { return url }
            if tunnel.hasEnded { throw failure("ended", tunnel.log) }
            guard ContinuousClock.now < end else {
                throw failure("gave no address within \(Self.limit.components.seconds) s", log)
            }
            try await Task.sleep(for: Self.pause)
        }
    }

    /// The warning where there is none.
    private func waitForConnection(of tunnel: TunnelProcess) async -> String? {
        let end = ContinuousClock.now + Self.connectionLimit
        while !tunnel.log.isConnected {
            guard ContinuousClock.now < end, !tunnel.hasEnded, !Task.isCancelled else {
                let reason = tunnel.log.complaint.map { " (\($0))" } ?? ""
                return "\(program) isn't connected yet\(reason), so the address may not answer."
            }
            try? await Task.sleep(for: Self.pause)
        }
        return nil
    }

    private func failure(_ what: String, _ log: TunnelLog) -> SharingError {
        SharingError(
            log.complaint.map { "\(program) \(what): \($0)" } ?? "\(program) \(what).",
            remedy: remedy(log),
        )
    }

    private func remedy(_ log: TunnelLog) -> String {
        if log.refusesAccount {
            return """
                Give it your account's token: ngrok config add-authtoken <token> \
                (https://dashboard.ngrok.com/get-started/your-authtoken)
                """
        }
        let complaint = log.complaint ?? ""
        if complaint.contains("429") || complaint.contains("1015")
            || complaint.contains("invalid character 'e'")
        {
            return "Cloudflare allows only so many quick tunnels; try again in some minutes."
        }
        if complaint.contains("no such host") || complaint.contains("dial tcp") {
            return "See whether this computer is online, and allowed to reach the service."
        }
        return provider == .ngrok
            ? "See what it says: ngrok diagnose"
            : """
            Quick tunnels don't work beside a config.yml of cloudflared's in ~/.cloudflared; \
            otherwise try again.
            """
    }

    private func notInstalled(_ sentence: String) -> SharingError {
        SharingError(
            sentence,
            remedy: provider == .ngrok
                ? """
                Install it from https://ngrok.com/download, then run: \
                ngrok config add-authtoken <token>
                """
                : """
                Install cloudflared: \
                https://developers.cloudflare.com/cloudflare-one/connections/connect-networks/downloads/
                """,
        )
    }
}
