package import HostSystem
package import SystemPackage

/// The folder that holds everything this program remembers, and the names of the files in it.
///
/// The original `portless` uses the same folder; the names and formats that both know are its.
package struct StateDirectory: Hashable, Sendable {
    package let path: FilePath
    /// To whom files belong that root creates here: the user behind sudo; nil for everybody else.
    package let owner: FileOwner?

    package init(path: FilePath, owner: FileOwner? = nil) {
        self.path = path
        self.owner = owner
    }
}

extension StateDirectory {
    package var routes: FilePath { path.appending("routes.json") }
    /// The original's lock, a directory that exists while someone holds it.
    package var routesLock: FilePath { path.appending("routes.lock") }
    /// Where our own processes queue before one of them takes `routesLock`.
    package var routesQueue: FilePath { path.appending("routes.queue") }

    package var proxyPID: FilePath { path.appending("proxy.pid") }
    package var proxyPort: FilePath { path.appending("proxy.port") }
    package var proxyTLS: FilePath { path.appending("proxy.tls") }
    package var proxyCustomCertificate: FilePath { path.appending("proxy.custom-cert") }
    package var proxyTLDs: FilePath { path.appending("proxy.tlds") }
    package var proxyTLD: FilePath { path.appending("proxy.tld") }
    package var proxyLAN: FilePath { path.appending("proxy.lan") }
    package var proxyLog: FilePath { path.appending("proxy.log") }
    /// What only our own proxy writes: who it is and how it was configured.
    package var proxyRecord: FilePath { path.appending("proxy.json") }

    package var caCertificate: FilePath { path.appending("ca.pem") }
    package var caKey: FilePath { path.appending("ca-key.pem") }
    package var caTrusted: FilePath { path.appending("ca.trusted") }
    package var caTrustRefreshPending: FilePath { path.appending("ca.trust-refresh-pending") }
    /// The system's root certificates and ours, for runtimes that replace their own set.
    package var caBundle: FilePath { path.appending("ca-bundle.pem") }
    package var hostCertificates: FilePath { path.appending("host-certs") }

    /// Which ephemeral port each name had last.
    package var rememberedPorts: FilePath { path.appending("ports-memory.json") }
}
