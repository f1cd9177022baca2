package import SystemPackage

extension StateDirectory {
    /// One folder for each supervised app.
    package var apps: FilePath { path.appending("apps") }
}
