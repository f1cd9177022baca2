import HostSystem
package import PortlessCore

/// Shares apps by Tailscale: on the tailnet (`serve`), or with everyone (`funnel`).
package struct TailscaleSharing: SharingTool {
    private static let attempts = 3

    package let provider: SharingProvider
    private let runner: any CommandRunner

    package init(_ provider: SharingProvider, runner: any CommandRunner) {
        self.provider = provider
        self.runner = runner
    }

    package func checkReadiness() async throws {
        _ = try await name()
    }

    package func open(
        _ share: ShareRecord,
        note: @Sendable (ShareRecord) throws -> Void,
    ) async throws -> OpenShare {
        let name = try await name()
        var used = await serveStatus().ports
        for attempt in 1...Self.attempts {
            guard let port = TailscaleServeStatus.port(for: provider, besides: used) else {
                throw SharingError(
                    "All ports that Tailscale can use for \(provider.title) are in use.",
                    remedy: "See them with `tailscale serve status`, and switch one off.",
                )
            }
            used.insert(port)
            var record = share
            record.httpsPort = port
            record.url = SharedURL(host: name, port: port == 443 ? nil : port).description
            do {
                try note(record)
            } catch SharesStore.Failure.portTaken where attempt < Self.attempts {
                continue
            }
            let result: CommandResult
            do {
                result = try await run(
                    verb,
                    "--bg",
                    "--yes",
                    "--https=\(port)",
                    "http://127.0.0.1:\(share.port)",
                )
            } catch {
                // It may have been registered, though there was no answer.
                await closeAfterFailure(record)
                throw error
            }
            if result.isSuccess { return OpenShare(record: record) }
            guard result.says("already in use"), attempt < Self.attempts else {
                throw refusal(result)
            }
        }
        throw SharingError(
            "Tailscale's ports are taken by other programs.",
            remedy: "See them with `tailscale serve status`.",
        )
    }

    package func close(_ share: ShareRecord) async throws {
        guard let port = share.httpsPort else { return }
        guard runner.has("tailscale") else { throw Self.notInstalled }
        let status = try await run("serve", "status", "--json")
        // Another program may have the port by now.
        if status.isSuccess,
            !TailscaleServeStatus(status.output).leads(port, to: share.port)
        {
            return
        }
        let result = try await run(verb, "--yes", "--https=\(port)", "off")
        guard !result.isSuccess, !result.says("does not exist"), !result.says("not found"),
            !result.says("no serve config")
        else { return }
        throw SharingError(
            "Tailscale goes on sharing \(share.hostname) on its port \(port): \(result.firstComplaint).",
            remedy: "Switch it off with: tailscale \(verb) --https=\(port) off",
        )
    }

    // MARK: What the tool says

    private var verb: String { provider == .funnel ? "funnel" : "serve" }

    private func name() async throws -> Hostname {
        guard runner.has("tailscale") else { throw Self.notInstalled }
        let version = try await run("version")
        guard version.isSuccess else {
            throw SharingError(
                "Tailscale doesn't work: \(version.complaint).",
                remedy: "Install it again: https://tailscale.com/download",
            )
        }
        let status = try await run("status", "--json")
        // Where it is stopped it exits with 1 and still tells why.
        do {
            return try TailscaleStatus(status.output, for: provider).name
        } catch {
            throw Self.error(error, status)
        }
    }

    private func serveStatus() async -> TailscaleServeStatus {
        let result = try? await run("serve", "status", "--json")
        return TailscaleServeStatus(result?.isSuccess == true ? result?.output ?? "" : "")
    }

    private func closeAfterFailure(_ record: ShareRecord) async {
        // The task may be cancelled already, and this has to happen all the same.
        await Task.detached { try? await close(record) }.value
    }

    private func run(_ arguments: String...) async throws -> CommandResult {
        do {
            return try await runner.run(
                Command("tailscale", arguments, timeLimit: .seconds(30))
            )
        } catch {
            throw SharingError(
                "Tailscale doesn't answer: \(error).",
                remedy: "See with `tailscale status` what is wrong.",
            )
        }
    }

    private static let notInstalled = SharingError(
        "Tailscale CLI not found.",
        remedy: "Install it from https://tailscale.com/download, then run: tailscale up",
    )

    private static func error(
        _ problem: TailscaleStatus.Problem,
        _ status: CommandResult,
    ) -> SharingError {
        switch problem {
        case .unreadable:
            SharingError(
                "Tailscale's status can't be read: \(status.complaint).",
                remedy: "Connect it with: tailscale up",
            )
        case .disconnected:
            SharingError("Tailscale isn't connected.", remedy: "Connect it with: tailscale up")
        case .nameless:
            SharingError(
                "This computer has no name in the tailnet.",
                remedy: "Switch MagicDNS on in Tailscale's admin console, then run: tailscale up",
            )
        case .httpsOff:
            SharingError(
                "HTTPS is off in the tailnet.",
                remedy: """
                    Switch HTTPS certificates on: https://login.tailscale.com/admin/dns
                    """,
            )
        case .funnelOff(let page):
            SharingError(
                "Funnel is not enabled for this computer.",
                remedy: "Enable it: \(page)",
            )
        }
    }

    private func refusal(_ result: CommandResult) -> SharingError {
        let isDenied = result.says("denied") || result.says("permission")
        return SharingError(
            "Tailscale doesn't share the app: \(result.firstComplaint).",
            remedy: isDenied
                ? "Let this user change it: sudo tailscale set --operator=$USER"
                : "See with `tailscale \(verb) status` what it serves.",
        )
    }
}

extension CommandResult {
    /// The first line: what follows it is advice.
    fileprivate var firstComplaint: String {
        let lines = (errorOutput + "\n" + output).split(whereSeparator: \.isNewline)
        let line = lines.first.map(String.init) ?? "exit code \(exitCode)"
        return String(line.prefix(300).drop { $0 == " " }).removingEnd(".")
    }

    fileprivate func says(_ words: String) -> Bool {
        (output + errorOutput).lowercased().contains(words)
    }
}

extension String {
    fileprivate func removingEnd(_ end: Character) -> String {
        last == end ? String(dropLast()) : self
    }
}
