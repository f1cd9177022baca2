import HostSystem
package import PortlessCore
package import SystemPackage

/// Lets the managed browser trust the local CA without touching any store of the user's.
///
/// On Linux, Chromium reads a database in its home, so a home of its own has one with our CA as its
/// only content. On macOS it asks the keychain, as every browser there, so `portless trust` decides.
///
/// Not `--ignore-certificate-errors-spki-list` with the CA's key: Chromium then takes any chain that
/// merely contains the CA's certificate, which is public, also where the CA hasn't signed anything
/// of it, and ignores the CA's name constraints.
package struct BrowserTrust: Sendable {
    private let directory: StateDirectory
    private let database: NSSDatabase
    private let platform: TrustEnvironment.Platform

    /// `database` is the folder of the browser's own.
    package init(
        directory: StateDirectory,
        database: FilePath,
        runner: any CommandRunner,
        platform: TrustEnvironment.Platform = .current,
    ) {
        self.directory = directory
        self.platform = platform
        self.database = NSSDatabase(
            name: "the managed browser",
            directory: database,
            user: nil,
            runner: runner,
            hint: Trust.certutilHint(platform),
        )
    }

    /// What keeps the browser from trusting the names, as a sentence with its remedy.
    package var obstacle: String? {
        switch platform {
        case .macOS:
            TrustMarker(directory: directory).isSet
                ? nil
                : "The browser doesn't trust the names' certificates yet. Run: portless trust"
        case .linux:
            database.runner.has("certutil")
                ? nil
                : """
                The browser can't be told to trust the names' certificates, because certutil is \
                not installed. \(database.hint) Then start the browser again.
                """
        }
    }

    /// Makes the database, with the CA of this moment alone.
    ///
    /// `directory` gets a CA if it has none. The browser must not run meanwhile.
    package func prepare(topLevelDomains: [Hostname]) async throws {
        _ = try AuthorityStore(directory: directory).prepare(topLevelDomains: topLevelDomains)
        guard platform == .linux, obstacle == nil,
            let certificate = try TrustedCertificate.current(in: directory)
        else { return }
        // A CA that was replaced must not stay.
        try FileSystem.removeTree(database.directory)
        try await database.install(certificate)
    }
}
