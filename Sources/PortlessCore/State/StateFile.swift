package import SystemPackage

/// A file or folder of the state directory: its name, who writes it and who may read it.
///
/// This is the only list of them: `StateDirectory` makes its paths of it (`directory[.routes]`),
/// `clean` deletes by it, `doctor` checks by it, and a test compares ARCHITECTURE.md with it.
package struct StateFile: Hashable, Sendable {
    package enum Kind: Sendable {
        case file, log, secret, lock, socket, folder, privateFolder
    }

    /// The processes that write it, as ARCHITECTURE.md names them.
    package enum Writer: String, Sendable {
        case commands, runs, keepers
        case proxy = "the proxy"
        case server = "the server"
        case holder = "the holder"
        case browser = "the browser"
        case original = "the npm original"
        case user = "the user"
    }

    /// What `clean` does with it.
    package enum Cleaning: Sendable {
        case deleted
        /// Kept until no trust store has the CA any more, because another try needs it.
        case deletedWithAuthority
        /// Kept where the user has put a certificate of their own there.
        case deletedIfOurs
        /// Empty once the apps in the background are removed.
        case deletedIfEmpty
        case kept
    }

    package let name: String
    package let kind: Kind
    package let writers: [Writer]
    package let cleaning: Cleaning

    private init(
        _ name: String,
        _ kind: Kind = .file,
        by writers: [Writer],
        clean cleaning: Cleaning = .deleted,
    ) {
        self.name = name
        self.kind = kind
        self.writers = writers
        self.cleaning = cleaning
    }

    package var isSecret: Bool { kind == .secret }
    package var isFolder: Bool { kind == .folder || kind == .privateFolder }

    /// The permissions that it has at most.
    package var mode: FilePermissions {
        switch kind {
        case .file: [.ownerReadWrite, .groupRead, .otherRead]
        case .log, .secret, .lock, .socket: .ownerReadWrite
        case .folder: [.ownerReadWriteExecute, .groupReadExecute, .otherReadExecute]
        case .privateFolder: .ownerReadWriteExecute
        }
    }
}

extension StateFile {
    // MARK: Names and ports

    private static let users: [Writer] = [.runs, .keepers, .commands]

    package static let routes = StateFile("routes.json", by: users)
    /// The original's lock, a directory that exists while a process holds it.
    package static let routesLock = StateFile("routes.lock", .folder, by: users)
    /// Where our own processes queue before one of them takes `routesLock`.
    package static let routesQueue = StateFile("routes.queue", .lock, by: users)
    /// Which ephemeral port each name had last.
    package static let rememberedPorts = StateFile("ports-memory.json", by: [.runs])
    package static let leases = StateFile("ports.json", by: [.runs, .commands])
    package static let leasesLock = StateFile("ports.lock", .lock, by: [.runs, .commands])
    package static let registeredApps = StateFile("apps.json", by: [.commands, .server])
    package static let registeredAppsLock = StateFile(
        "apps.lock",
        .lock,
        by: [.commands, .server],
    )
    /// What is shared beyond this machine.
    package static let shares = StateFile("shares.json", by: [.runs, .commands])
    package static let sharesLock = StateFile("shares.lock", .lock, by: [.runs, .commands])
    /// One folder for each supervised app.
    package static let apps = StateFile(
        "apps",
        .privateFolder,
        by: [.keepers, .server],
        clean: .deletedIfEmpty,
    )
    /// One folder for each job.
    package static let jobs = StateFile(
        "jobs",
        .privateFolder,
        by: [.keepers, .server],
        clean: .deletedIfEmpty,
    )
    /// Whether running containers get names.
    package static let containerSettings = StateFile("docker.json", by: [.commands])
    /// The running containers, as the server sees them.
    package static let containers = StateFile("containers.json", by: [.server])
    /// What `portless docker compose` adds to projects' own files.
    package static let composeOverrides = StateFile("compose", .privateFolder, by: [.commands])
    /// The apps that start on request: their names, which the proxy reads, and who started them.
    package static let onRequest = StateFile("on-request.json", by: [.server])
    /// What the user has set, besides flags and the environment.
    package static let configuration = StateFile("config.json", by: [.user], clean: .kept)

    /// The records of crashes, their patches, and the crash watcher's settings.
    package static let crashes = StateFile(
        "crashes",
        .privateFolder,
        by: [.keepers, .server],
    )

    // MARK: The proxy

    package static let proxyPID = StateFile("proxy.pid", by: [.proxy])
    package static let proxyPort = StateFile("proxy.port", by: [.proxy])
    package static let proxyTLS = StateFile("proxy.tls", by: [.proxy])
    package static let proxyCustomCertificate = StateFile("proxy.custom-cert", by: [.proxy])
    package static let proxyTLDs = StateFile("proxy.tlds", by: [.proxy])
    package static let proxyTLD = StateFile("proxy.tld", by: [.proxy])
    package static let proxyLAN = StateFile("proxy.lan", by: [.proxy])
    /// What the publisher of a proxy in LAN mode says of each name.
    package static let proxyMDNS = StateFile("proxy.mdns.json", by: [.proxy])
    /// There while the proxy also answers DNS: the port for it.
    package static let proxyDNS = StateFile("proxy.dns", by: [.commands])
    /// There while the proxy also serves containers: the address of their bridge; `off` if it mustn't.
    package static let containerBridge = StateFile("proxy.bridge", by: [.commands])
    /// What only our own proxy writes: its version and its process.
    package static let proxyRecord = StateFile("proxy.json", by: [.proxy])
    /// What the npm original's commands ask the proxy to prove that it knows.
    package static let hostsSyncToken = StateFile(
        "proxy.hosts-sync-token",
        .secret,
        by: [.proxy],
    )
    package static let proxyLog = StateFile("proxy.log", .log, by: [.holder, .proxy])
    package static let olderProxyLog = StateFile("proxy.log.1", .log, by: [.proxy])
    /// What the services say where launchd runs them, as the original calls it.
    package static let serviceLog = StateFile("service.log", .log, by: [.holder, .proxy, .server])
    package static let proxyLock = StateFile("proxy.lock", .lock, by: [.commands])
    package static let proxyHolderLock = StateFile("proxy.holder.lock", .lock, by: [.holder])
    package static let proxyHolderSocket = StateFile("proxy.holder.sock", .socket, by: [.holder])
    /// Where watchers get what the proxy records of its traffic.
    package static let proxyTrafficSocket = StateFile(
        "proxy.traffic.sock",
        .socket,
        by: [.proxy],
    )
    package static let proxyCrash = StateFile("proxy.crash.json", by: [.holder])

    // MARK: The server

    package static let serverFile = StateFile("server.json", by: [.server])
    /// The features that were used, whose ports a restarted server opens again.
    package static let features = StateFile("features.json", by: [.server])
    package static let serverToken = StateFile("server.token", .secret, by: [.server])
    package static let serverTokenLock = StateFile("server.token.lock", .lock, by: [.server])
    /// The folder of the socket that commands speak to the server by.
    package static let serverSockets = StateFile("server", .privateFolder, by: [.server])
    package static let serverLog = StateFile("server.log", .log, by: [.holder, .server])
    package static let olderServerLog = StateFile("server.log.1", .log, by: [.server])
    package static let serverLock = StateFile("server.lock", .lock, by: [.commands])
    package static let serverHolderLock = StateFile("server.holder.lock", .lock, by: [.holder])
    package static let serverHolderSocket = StateFile("server.holder.sock", .socket, by: [.holder])
    package static let serverCrash = StateFile("server.crash.json", by: [.holder])
    /// The server's certificate, which the original keeps there, too, or the user's.
    package static let serverCertificates = StateFile(
        "certs",
        .privateFolder,
        by: [.commands, .server, .user],
        clean: .deletedIfOurs,
    )
    package static let serverCertificatesLock = StateFile(
        "certs.lock",
        .lock,
        by: [.commands, .server],
    )

    // MARK: The managed browser

    /// Its profile, its certificate database and its downloads.
    package static let browser = StateFile("browser", .privateFolder, by: [.commands, .browser])
    package static let browserSettings = StateFile("browser.json", by: [.server, .user])

    // MARK: Other machines

    /// How the mirror of each other machine is doing, and the sockets of its connection.
    package static let remotes = StateFile("remotes", .privateFolder, by: [.commands])

    // MARK: The certificate authority

    package static let caCertificate = authority("ca.pem")
    package static let caKey = authority("ca-key.pem", .secret)
    /// There while a refresh of the system's certificates is still due.
    package static let caTrustRefreshPending = authority("ca.trust-refresh-pending")
    package static let caTrusted = StateFile("ca.trusted", by: [.commands])
    package static let caLock = StateFile("ca.lock", .lock, by: [.commands, .proxy])
    /// The system's root certificates and ours, for runtimes that replace their own set.
    package static let caBundle = StateFile("ca-bundle.pem", by: [.runs])
    /// Bundles that also hold the certificates of files that the user has set in the environment.
    package static let caBundles = StateFile("ca-bundles", .folder, by: [.runs])

    /// What Node loads in each run of Turborepo.
    package static let turborepo = StateFile("turbo", .privateFolder, by: [.runs])

    // MARK: What only the original writes

    package static let originalSerial = StateFile("ca.srl", by: [.original])
    package static let originalCertificate = original("server.pem")
    package static let originalKey = original("server-key.pem", .secret)
    package static let originalRequest = StateFile("server.csr", by: [.original])
    package static let originalExtensions = StateFile("server-ext.cnf", by: [.original])
    package static let hostCertificates = StateFile("host-certs", .folder, by: [.original])

    private static func authority(_ name: String, _ kind: Kind = .file) -> StateFile {
        StateFile(name, kind, by: [.commands, .proxy], clean: .deletedWithAuthority)
    }

    private static func original(_ name: String, _ kind: Kind = .file) -> StateFile {
        StateFile(name, kind, by: [.original], clean: .deletedIfOurs)
    }

    package static let all: [StateFile] = [
        routes, routesLock, routesQueue, rememberedPorts, leases, leasesLock, registeredApps,
        registeredAppsLock, shares, sharesLock, apps, onRequest, configuration, proxyPID,
        proxyPort, proxyTLS, proxyCustomCertificate, proxyTLDs, proxyTLD, proxyLAN, proxyDNS,
        proxyRecord, proxyLog, hostsSyncToken, crashes, jobs, containerSettings, containers,
        composeOverrides, containerBridge, proxyMDNS, olderProxyLog, proxyLock, proxyHolderLock,
        proxyHolderSocket, proxyTrafficSocket, serviceLog, proxyCrash, serverFile, features,
        serverToken, serverTokenLock, serverSockets, serverLog, olderServerLog, serverLock,
        serverHolderLock, serverHolderSocket, serverCrash, serverCertificates,
        serverCertificatesLock, browser, browserSettings, remotes, caCertificate, caKey,
        caTrustRefreshPending, caTrusted, caLock, caBundle, caBundles, turborepo,
        originalSerial, originalCertificate, originalKey, originalRequest, originalExtensions,
        hostCertificates,
    ]
}
