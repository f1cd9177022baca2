import HostSystem
package import PortlessCore
import SystemPackage

/// The trust of this machine in the CA of one state directory.
package struct Trust: Sendable {
    private let directory: StateDirectory
    private let system: any TrustStore
    private let browsers: [any TrustStore]
    private let marker: TrustMarker

    /// `mayAsk`: there is a terminal, and the user expects to be asked.
    package init(
        directory: StateDirectory,
        environment: TrustEnvironment,
        runner: any CommandRunner,
        mayAsk: Bool,
    ) {
        self.directory = directory
        marker = TrustMarker(directory: directory, isWSL: environment.isWSL)
        let administrator = Administrator(
            isRoot: environment.isRoot,
            mayAsk: mayAsk,
            runner: runner,
        )
        system = Self.systemStore(
            of: directory,
            in: environment,
            administrator: administrator,
        )
        browsers = Self.databases(environment, runner)
    }

    /// Asks every store; none where there is no CA yet.
    package func status() async throws -> [TrustReport] {
        guard let certificate = try TrustedCertificate.current(in: directory) else { return [] }
        var reports: [TrustReport] = []
        for store in stores {
            reports.append(await report(on: store, certificate, failure: nil))
        }
        // The answer counts, even if the marker can't be corrected.
        try? record(reports)
        return reports
    }

    /// Makes every store trust the CA, also after one of them has failed.
    package func install() async throws -> [TrustReport] {
        guard let certificate = try TrustedCertificate.current(in: directory) else { return [] }
        var reports: [TrustReport] = []
        for store in stores {
            let failure = await failure { () async throws(TrustError) in
                if case .unavailable = await store.status(of: certificate) { return }
                try await store.install(certificate)
            }
            reports.append(await report(on: store, certificate, failure: failure))
        }
        try record(reports)
        return reports
    }

    /// Takes the CA, and those that this directory had before it, out of every store.
    ///
    /// The CA's files stay: another try needs them if a store fails.
    package func uninstall() async throws -> [TrustReport] {
        let retired = TrustedCertificate.retired(in: directory)
        guard let certificate = try TrustedCertificate.current(in: directory) ?? retired.first
        else { return [] }
        var reports: [TrustReport] = []
        for store in stores {
            let failure = await failure { () async throws(TrustError) in
                for certificate in [certificate] + retired {
                    try await store.uninstall(certificate)
                }
            }
            reports.append(await report(on: store, certificate, failure: failure))
        }
        try marker.set(false)
        if reports.allSatisfy({ $0.failure == nil }) {
            for certificate in retired {
                try FileSystem.removeFile(certificate.path)
                let key = directory.retiredKey(Fingerprint(of: certificate.pem))
                try FileSystem.removeFile(key)
            }
        }
        return reports
    }

    private var stores: [any TrustStore] { [system] + browsers }

    private func record(_ reports: [TrustReport]) throws {
        try marker.set(reports.contains { $0.isSystemStore && $0.status == .trusted })
    }

    private func report(
        on store: any TrustStore,
        _ certificate: TrustedCertificate,
        failure: TrustError?,
    ) async -> TrustReport {
        TrustReport(
            store: store.name,
            status: await store.status(of: certificate),
            failure: failure,
            isSystemStore: store.name == system.name,
        )
    }

    private func failure(
        _ body: () async throws(TrustError) -> Void
    ) async -> TrustError? {
        do {
            try await body()
            return nil
        } catch {
            return error
        }
    }
}

extension Trust {
    static func systemStore(
        of directory: StateDirectory,
        in environment: TrustEnvironment,
        administrator: Administrator,
    ) -> any TrustStore {
        switch environment.platform {
        case .macOS:
            return MacKeychain(
                home: environment.home,
                user: environment.user,
                administrator: administrator,
            )
        case .linux:
            guard let family = family(environment, administrator.runner) else {
                return UnknownDistribution()
            }
            return SystemAnchors(
                family: family,
                otherDirectories: environment.anchors == nil
                    ? AnchorFamily.all.map(\.directory).filter { $0 != family.directory } : [],
                pending: directory[.caTrustRefreshPending],
                administrator: administrator,
                needsRoot: !family.directory.isWritableDirectory,
            )
        }
    }

    static func databases(
        _ environment: TrustEnvironment,
        _ runner: any CommandRunner,
    ) -> [any TrustStore] {
        let locations =
            environment.databases.map { directories in
                directories.map {
                    NSSDatabases.Location(name: "NSS database \($0)", directory: $0)
                }
            } ?? NSSDatabases.find(home: environment.home, has: runner.has)
        return locations.map { location in
            NSSDatabase(
                name: location.name,
                directory: location.directory,
                user: environment.user,
                runner: runner,
                hint: certutilHint(environment.platform),
            )
        }
    }

    private static func family(
        _ environment: TrustEnvironment,
        _ runner: any CommandRunner,
    ) -> AnchorFamily? {
        let text = (try? AtomicFile.read(environment.osRelease)) ?? []
        let found = AnchorFamily.detect(
            osRelease: String(decoding: text, as: UTF8.self),
            has: runner.has,
            isDirectory: { $0.isDirectory },
        )
        guard let anchors = environment.anchors else { return found }
        return AnchorFamily(
            identifiers: [],
            directory: anchors,
            refresh: environment.refresh ?? ["true"],
            bundle: environment.bundle,
        )
    }

    static func certutilHint(_ platform: TrustEnvironment.Platform) -> String {
        switch platform {
        case .macOS: "Install it with `brew install nss`."
        case .linux:
            """
            Install libnss3-tools (Debian, Ubuntu), nss-tools (Fedora), nss (Arch) or \
            mozilla-nss-tools (openSUSE).
            """
        }
    }
}
