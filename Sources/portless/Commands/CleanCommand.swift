import ArgumentParser
import HostSystem
import Machine
import PortlessCore
import Runner
import SystemPackage

/// `portless clean`: everything undone that Portless did to this machine.
struct CleanCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "clean",
        abstract: "Undo everything Portless did to this machine.",
        discussion: """
            Ends the apps in the background, stops the proxy and the server, takes the authority out of each trust store, removes our names from \
            the hosts file and the state files. Where a trust store can't be cleaned, the CA is kept \
            for a retry. Other files in the state directory stay.
            """,
    )

    func run(_ context: CommandContext) throws {
        let directory = try context.stateDirectory()
        guard try FileStatus.of(directory.path) != nil else {
            context.console.print("There is nothing to clean.")
            return
        }
        endApps(in: directory, context)
        _ = try ProxyControl(context).stop()
        _ = try ServerControl(context).stop()
        let isUntrusted = try untrust(directory, context)
        let hostsError = cleanHosts(directory, context)
        for file in Self.files(of: directory, keepsAuthority: !isUntrusted) {
            try FileSystem.removeFile(file)
        }
        // The stuck lock of a program that is gone, and what the original keeps in folders.
        try removeFolder(directory.routesLock)
        try removeFolder(directory.hostCertificates)
        try removeFolder(directory.caBundles)
        try removeFolder(directory.path.appending("server"))
        try removeOwnCertificate(of: directory)
        if let hostsError { context.console.report(hostsError) }
        guard isUntrusted, hostsError == nil else {
            throw Failure(
                "Not all could be undone.",
                remedy: "Do what is said above, then run: portless clean",
            )
        }
        context.console.print("Clean finished.")
    }

    /// Ends what runs in the background, and forgets it with its logs.
    private func endApps(in directory: StateDirectory, _ context: CommandContext) {
        for app in StoredApps.list(in: directory) {
            do {
                _ = try ServerControl(context).client().post("/api/apps/\(app.name)/remove")
            } catch {
                context.console.report(error)
            }
        }
        // Gone already where there is none, and left where an app couldn't be ended.
        try? FileSystem.removeDirectory(directory.apps)
    }

    private func untrust(_ directory: StateDirectory, _ context: CommandContext) throws -> Bool {
        let trust = try Trust(of: directory, context)
        let reports = try waiting { try await trust.uninstall() }
        for failure in reports.compactMap(\.failure) {
            context.console.report(failure)
            for command in failure.byHand { context.console.say("  \(command)") }
        }
        return reports.allSatisfy { $0.status != .trusted && $0.failure == nil }
    }

    private func cleanHosts(
        _ directory: StateDirectory,
        _ context: CommandContext,
    ) -> (any Error)? {
        do throws(HostsError) {
            try HostsFile(of: directory, context).uninstall()
            return nil
        } catch {
            guard error.needsRoot,
                (try? Elevation(context: context).runAnnounced(["hosts", "clean"])) == 0
            else { return error }
            return nil
        }
    }

    /// A certificate that the user has put there stays.
    private func removeOwnCertificate(of directory: StateDirectory) throws {
        guard ServerCertificateFolder(directory: directory).mode != "custom" else { return }
        try removeFolder(directory.serverCertificates)
    }

    private func removeFolder(_ path: FilePath) throws {
        guard try FileStatus.of(path) != nil else { return }
        for name in DirectoryListing.names(path) {
            try FileSystem.removeFile(path.appending(name))
        }
        try FileSystem.removeDirectory(path)
    }

    /// The files that Portless makes, this one and the original; nothing else is touched.
    static func files(of directory: StateDirectory, keepsAuthority: Bool) -> [FilePath] {
        let authority = [
            directory.caCertificate, directory.caKey, directory.caTrustRefreshPending,
        ]
        let others = [
            "routes.json", "routes.queue", "proxy.pid", "proxy.port", "proxy.tls",
            "proxy.custom-cert", "proxy.tlds", "proxy.tld", "proxy.lan", "proxy.json", "proxy.log",
            "proxy.log.1", "proxy.lock", "proxy.holder.sock", "proxy.holder.lock",
            "proxy.crash.json", "ca.srl",
            "ca.lock", "ca.trusted",
            "ca-bundle.pem", "server.pem", "server-key.pem", "server.csr", "server-ext.cnf",
            "server.json", "server.token", "server.token.lock", "server.log", "server.log.1",
            "server.lock", "server.holder.sock", "server.holder.lock", "server.crash.json",
            "certs.lock", "ports-memory.json", "ports.json",
            "ports.lock",
            "apps.json", "apps.lock",
        ]
        return others.map { directory.path.appending($0) } + (keepsAuthority ? [] : authority)
    }
}
