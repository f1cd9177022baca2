import HostSystem
import PortlessCore

extension Doctor {
    func proxyDiagnoses() throws -> [Diagnosis] {
        var diagnoses = try pidFile()
        guard proxy.isRunning else {
            if let holder = context.holder(proxy.port) {
                diagnoses.append(
                    .fail(
                        """
                        Port \(proxy.port) is in use, but it is not a portless proxy: \(holder).
                        """,
                        hint: "Stop it, or choose another port with PORTLESS_PORT.",
                    )
                )
            } else {
                diagnoses.append(
                    .warn("The proxy is not running.", hint: "It starts when the first app runs.")
                )
            }
            return diagnoses
        }
        guard proxy.isOwn else {
            diagnoses.append(
                .warn(
                    "A proxy with another state directory runs on port \(proxy.port).",
                    hint: "Runs start one of their own on another port; or stop that one.",
                )
            )
            return diagnoses
        }
        diagnoses.insert(
            .ok("The proxy answers on port \(proxy.port) (\(proxy.usesTLS ? "TLS" : "HTTP"))."),
            at: 0,
        )
        if let version = proxy.version, version != Portless.version {
            diagnoses.append(
                .warn(
                    "The proxy is version \(version), this command is \(Portless.version).",
                    fix: "portless proxy restart",
                )
            )
        } else if context.proxyVersion(proxy.port) == nil {
            diagnoses.append(.info("The proxy that runs is that of the npm package."))
        }
        return diagnoses + (try redirects())
    }

    /// How the daemons died last.
    func crashes() -> [Diagnosis] {
        DaemonKind.allCases.compactMap { kind in
            let file = kind.crashFile(in: directory)
            guard let crash = DaemonCrash.read(from: file, in: directory) else { return nil }
            let log = kind.log(in: directory)
            let what =
                "The \(kind) (version \(crash.version)) died by \(crash.cause) at \(crash.time)"
            guard crash.isGivenUp else {
                return .info("\(what) and was started again.", hint: "See \(log)")
            }
            return .warn(
                "\(what), too often within a minute to be started again.",
                hint: "The next command that needs it starts it; \(log) may say what is wrong.",
            )
        }
    }

    private func pidFile() throws -> [Diagnosis] {
        let markers = try directory.proxyMarkers()
        guard let pid = markers.pid else {
            if (try? FileStatus.of(directory[.proxyPID])) != nil {
                return [
                    .fail(
                        "\(directory[.proxyPID]) holds no process ID.",
                        fix: "portless proxy stop",
                    )
                ]
            }
            return []
        }
        let isAlive = markers.process?.isAlive == true
        guard !proxy.isRunning || !isAlive else { return [] }
        return [
            .warn(
                "The pid file names \(pid), which "
                    + (isAlive ? "doesn't answer as a proxy." : "has ended."),
                fix: "portless proxy stop",
            )
        ]
    }

    /// URLs without a port need 443, and port 80 for `http://`.
    private func redirects() throws -> [Diagnosis] {
        let wanted = ProxySettings(try context.proxyRequest()).port
        if proxy.port == ProxySettings.fallbackPort, wanted != proxy.port,
            let advice = FallbackAdvice.line(wanted: wanted, actual: proxy.port)
        {
            return [.info(advice)]
        }
        guard proxy.port == 443, let markers = try? directory.proxyMarkers(),
            let sockets = try? ListeningSockets.on(port: 80)
        else { return [] }
        let holders = Set(ListeningSockets.holders(of: sockets).values.joined())
        guard !sockets.isEmpty, !holders.contains(markers.pid ?? 0) else { return [] }
        let holder = context.holder(80) ?? "Another process"
        return [.warn("\(holder) listens on port 80, so http:// names don't lead to https://.")]
    }

    /// Whether this user may listen on the ports that URLs without a port need.
    func rights() throws -> [Diagnosis] {
        let denied = [443, 80].filter { context.isPortDenied($0) }
        guard !denied.isEmpty else { return [.ok("This user may listen on ports 443 and 80.")] }
        let ports = denied.map { String($0) }.joined(separator: " and ")
        return [
            .info(
                "Listening on \(ports) takes an administrator here.",
                hint: "At a terminal the first start asks once; else the proxy takes 1355.",
            )
        ]
    }
}
