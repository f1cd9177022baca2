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

    /// Removes what a browser that was killed has left to keep others from its profile, here and in
    /// the folder for temporary files; no browser may run.
    ///
    /// After a change of the host's name the next one would take the profile for another computer's.
    package func removeLock() throws {
        let socket = profile.appending("SingletonSocket")
        if let target = SymbolicLink.target(socket) {
            let folder = FilePath(target).removingLastComponent()
            for name in ["SingletonSocket", "SingletonCookie"] {
                try? FileSystem.removeFile(folder.appending(name))
            }
            try? FileSystem.removeDirectory(folder)
        }
        for name in ["SingletonLock", "SingletonCookie", "SingletonSocket"] {
            try FileSystem.removeFile(profile.appending(name))
        }
    }
}
