import HostSystem
import PortlessCore
import SystemPackage
import Testing

@testable import Machine

/// A state directory with a CA.
struct TrustFixture {
    let path: FilePath
    let directory: StateDirectory
    let certificate: TrustedCertificate

    init(in path: FilePath, named name: String = "state") throws {
        self.path = path
        directory = StateDirectory(path: path.appending(name))
        _ = try FileSystem.makeDirectory(directory.path, mode: .ownerReadWriteExecute)
        _ = try AuthorityStore(directory: directory).prepare(topLevelDomains: [])
        certificate = try #require(try TrustedCertificate.current(in: directory))
    }

    /// A folder for CA files of this test's own.
    func makeDirectory(_ name: String) throws -> FilePath {
        let directory = path.appending(name)
        _ = try FileSystem.makeDirectory(directory, mode: .ownerReadWriteExecute)
        return directory
    }

    func anchors(
        in directory: FilePath,
        refresh: [String] = ["true"],
        refreshAfterRemoval: [String]? = nil,
        bundle: FilePath? = nil,
        runner: any CommandRunner,
        mayAsk: Bool = false,
        needsRoot: Bool = false,
    ) -> SystemAnchors {
        SystemAnchors(
            family: AnchorFamily(
                identifiers: [],
                directory: directory,
                refresh: refresh,
                refreshAfterRemoval: refreshAfterRemoval,
                bundle: bundle,
            ),
            otherDirectories: [],
            pending: self.directory[.caTrustRefreshPending],
            administrator: Administrator(isRoot: false, mayAsk: mayAsk, runner: runner),
            needsRoot: needsRoot,
        )
    }
}

/// Runs real tools, with nothing of the test's environment but the path.
let systemRunner = SystemCommandRunner(environment: ["PATH": "/usr/bin:/bin"])
