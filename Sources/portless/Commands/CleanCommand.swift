import ArgumentParser
import HostSystem
import Machine
import PortlessCore
import Runner
import SystemPackage

/// `portless clean`: undoes everything that Portless did to this machine.
struct CleanCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "clean",
        abstract: "Undo everything Portless did to this machine.",
        discussion: """
            Removes the services, ends the apps in the background and all sharing, stops the proxy \
            and the server, takes the authority out of each trust store, our names out of the hosts \
            file and our files from the resolver, and removes the state files. Where a trust store \
            can't be cleaned, the CA is kept for a retry. Other files in the state directory stay.
            """,
    )

    func run(_ context: CommandContext) throws {
        let directory = try context.stateDirectory()
        let serviceError = removeServices(of: directory, context)
        guard try FileStatus.of(directory.path) != nil else {
            if let serviceError { throw serviceError }
            context.console.print("There is nothing to clean.")
            return
        }
        endApps(in: directory, context)
        let jobsError = endJobs(in: directory, context)
        let sharingError = endShares(in: directory, context)
        _ = try ProxyControl(context).stop()
        _ = try ServerControl(context).stop()
        let isUntrusted = try untrust(directory, context)
        let hostsError = cleanHosts(directory, context)
        let dnsError = cleanDNS(context)
        for file in deletable(in: directory, isUntrusted: isUntrusted) {
            // The keepers of jobs that go on write there.
            if file == .jobs, jobsError != nil { continue }
            if file == .shares, sharingError != nil { continue }
            try delete(file, in: directory)
        }
        let errors = [serviceError, jobsError, sharingError, hostsError, dnsError]
            .compactMap(\.self)
        for error in errors { context.console.report(error) }
        guard isUntrusted, errors.isEmpty else {
            throw Failure(
                "Not all could be undone.",
                remedy: "Do what is said above, then run: portless clean",
            )
        }
        context.console.print("Clean finished.")
    }

    /// First of all, or the service manager would start again what is ended.
    private func removeServices(
        of directory: StateDirectory,
        _ context: CommandContext,
    ) -> (any Error)? {
        do {
            let control = try ServiceControl(context)
            for service in control.installed(of: directory) {
                _ = try control.uninstall(service.daemon, service.scope)
                context.console.print("Removed the service \(service.file).")
            }
            return nil
        } catch {
            return error
        }
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
    }

    /// Ends the jobs by force, and forgets them with their output.
    private func endJobs(
        in directory: StateDirectory,
        _ context: CommandContext,
    ) -> (any Error)? {
        guard !DirectoryListing.names(directory[.jobs]).isEmpty else { return nil }
        var problem: (any Error)?
        do {
            let client = try JobClient(context)
            for job in try client.list() where job.isActiveJob {
                do {
                    _ = try client.server.post("/api/jobs/\(job["id"]?.string ?? "")/kill")
                } catch {
                    problem = error
                }
            }
            _ = try client.server.post("/api/jobs/prune")
        } catch {
            problem = error
        }
        return problem
    }

    /// Takes back what is shared, also by processes that go on.
    private func endShares(
        in directory: StateDirectory,
        _ context: CommandContext,
    ) -> (any Error)? {
        do {
            let store = SharesStore(directory: directory)
            let known = try store.list()
            ShareHolders(context).end(known.filter(\.isSeparate))
            for record in try store.list() where LeftShares(context).end(record) {
                try store.remove(record)
            }
            let routes = RoutesStore(directory: directory)
            for record in try (routes.list() + routes.dead()).flatMap(\.recordedShares)
            where !known.contains(where: { $0.url == record.url }) {
                LeftShares(context).end(record)
            }
            guard let left = try store.list().first else { return nil }
            return Failure(
                "\(left.hostname) may still be shared by \(left.provider.title).",
                remedy: "Try again with: portless prune",
            )
        } catch let failure as SharesStore.Failure {
            // It can't be taken back by any other try.
            context.console.warn(failure.description)
            return nil
        } catch {
            return error
        }
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

    private func cleanDNS(_ context: CommandContext) -> (any Error)? {
        do {
            _ = try DNSControl(context).uninstall(mayElevate: true)
            return nil
        } catch {
            return error
        }
    }

    private func deletable(in directory: StateDirectory, isUntrusted: Bool) -> [StateFile] {
        StateFile.all.filter { file in
            switch file.cleaning {
            case .deleted, .deletedIfEmpty: true
            case .deletedWithAuthority: isUntrusted
            case .deletedIfOurs: isOurs(file, in: directory)
            case .kept: false
            }
        }
    }

    /// Whether Portless or the original has made the certificate, not the user.
    private func isOurs(_ file: StateFile, in directory: StateDirectory) -> Bool {
        guard file != .serverCertificates else {
            return ServerCertificateFolder(directory: directory).mode != "custom"
        }
        let certificate = try? AtomicFile.read(directory[.originalCertificate])
        return certificate.map(CertificateAuthority.isIssuer(of:)) ?? false
    }

    private func delete(_ file: StateFile, in directory: StateDirectory) throws {
        let path = directory[file]
        guard file.isFolder else { return try FileSystem.removeFile(path) }
        // An app that couldn't be ended keeps its files.
        guard file.cleaning != .deletedIfEmpty else {
            try? FileSystem.removeDirectory(path)
            return
        }
        try FileSystem.removeTree(path)
    }
}
