import HostSystem
import PortlessCore
import SystemPackage

extension Trust {
    static func systemStore(
        _ directory: StateDirectory,
        _ environment: TrustEnvironment,
        _ administrator: Administrator,
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
                pending: directory.caTrustRefreshPending,
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

    private static func certutilHint(_ platform: TrustEnvironment.Platform) -> String {
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
