import HostSystem
package import PortlessCore
package import SystemPackage

/// The managed browser's own folder in the state directory.
package struct BrowserFolder: Hashable, Sendable {
    package let path: FilePath

    package init(in directory: StateDirectory) {
        path = directory[.browser]
    }

    /// What the browser remembers: cookies, cache, history.
    package var profile: FilePath { path.appending("profile") }
    /// The home that it is told, with a certificate database that only it uses.
    package var home: FilePath { path.appending("home") }
    /// On Linux Chromium looks for it here, whatever its profile is.
    package var certificates: FilePath { home.appending(".pki").appending("nssdb") }
    package var downloads: FilePath { path.appending("downloads") }

    package func create() throws {
        for folder in [path, profile, home, downloads] {
            _ = try FileSystem.makeDirectory(folder, mode: .ownerReadWriteExecute)
        }
    }
}
