import CLibrary
import HostSystem
package import SystemPackage

/// Where the trust stores of this machine are; variables can point each elsewhere.
package struct TrustEnvironment: Sendable {
    package enum Platform: Sendable {
        case macOS
        case linux
    }

    package var platform: Platform
    package var home: FilePath
    package var isRoot: Bool
    /// The user who called sudo, if this is root.
    package var user: String?
    package var osRelease: FilePath = "/etc/os-release"
    package var isWSL: Bool
    /// Replaces the distribution's folder of CA files, its refresh command and its bundle.
    package var anchors: FilePath?
    package var refresh: [String]?
    package var bundle: FilePath?
    /// Replaces the search for browsers' databases; empty for none.
    package var databases: [FilePath]?

    /// The stores as the environment says: `PORTLESS_TRUST_ANCHORS`, `_REFRESH` (words separated by
    /// blanks), `_BUNDLE` and `_NSS` (folders separated by colons).
    package init(
        environment: [String: String],
        home: FilePath,
        isRoot: Bool = UserAccount.effectiveID == 0,
        platform: Platform = .current,
    ) {
        self.platform = platform
        self.home = home
        self.isRoot = isRoot
        user = isRoot ? Self.invokingUser(environment) : nil
        isWSL = environment["WSL_DISTRO_NAME"] != nil || environment["WSL_INTEROP"] != nil
        anchors = environment["PORTLESS_TRUST_ANCHORS"].map { FilePath($0) }
        refresh = environment["PORTLESS_TRUST_REFRESH"]
            .map { $0.split(separator: " ").map(String.init) }
        bundle = environment["PORTLESS_TRUST_BUNDLE"].map { FilePath($0) }
        databases = environment["PORTLESS_TRUST_NSS"]
            .map { $0.split(separator: ":").map { FilePath(String($0)) } }
    }

    private static func invokingUser(_ environment: [String: String]) -> String? {
        guard let user = environment["SUDO_USER"], !user.isEmpty, user != "root" else {
            return nil
        }
        return user
    }
}

extension TrustEnvironment.Platform {
    package static var current: Self {
        #if os(macOS)
        .macOS
        #else
        .linux
        #endif
    }
}

extension FilePath {
    /// The directories in this one, sorted; links to directories count.
    var subdirectories: [FilePath] {
        DirectoryListing.names(self).sorted().map { appending($0) }.filter(\.isDirectory)
    }

    var isDirectory: Bool {
        (try? FileStatus.of(self))?.isDirectory == true
    }

    /// Whether this process may make files there, or the directory itself where it isn't yet.
    var isWritableDirectory: Bool {
        if access(string, F_OK) == 0 { return access(string, W_OK) == 0 }
        let parent = removingLastComponent()
        return parent != self && !parent.isEmpty && parent.isWritableDirectory
    }
}
