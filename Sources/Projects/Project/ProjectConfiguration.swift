import HostSystem
import PortlessCore
package import SystemPackage

/// What `portless.json`, or the `portless` key of `package.json`, says of a folder.
package struct ProjectConfiguration: Hashable, Sendable {
    /// What holds for the folder itself; with `apps`, for none of the apps but by their own entry.
    package var app = AppConfiguration()
    /// By the path of an app's folder, relative to the configuration's own.
    package var apps: [String: AppConfiguration] = [:]
    package var usesTurbo: Bool?
    /// What `portless up` runs, and how, in the order of the file.
    package var processes: [ConfiguredProcess] = []
    /// Keys that nobody knows, for a warning: mostly they are typing errors.
    package var unknownKeys: [String] = []

    package init() {}

    /// The configuration of the folder itself; parents are not searched.
    ///
    /// `portless.json` counts where there is one, and has to be right; `package.json` is npm's file,
    /// so what is wrong with the rest of it is not told here.
    package static func load(in folder: FilePath) throws -> ProjectConfiguration {
        let file = folder.appending("portless.json")
        if try FileStatus.of(file) != nil {
            let json: JSONValue
            do {
                json = try JSONValue(parsing: ProjectFile.read(file))
            } catch let error as JSONSyntaxError {
                throw ProjectConfigurationError.invalidJSON(file, reason: error.description)
            }
            return try ProjectConfigurationReader(file: file).configuration(json)
        }
        return try fromPackage(in: folder)
    }

    /// What the `portless` key of the folder's `package.json` says.
    package static func fromPackage(in folder: FilePath) throws -> ProjectConfiguration {
        guard let value = PackageManifest(in: folder)?.json["portless"] else {
            return ProjectConfiguration()
        }
        if let name = value.string {
            var configuration = ProjectConfiguration()
            configuration.app.name = name.trimmingBlanks.isEmpty ? nil : name
            return configuration
        }
        let file = folder.appending("package.json")
        return try ProjectConfigurationReader(file: file).configuration(value)
    }

    /// What holds for the folder at `path`, relative to the configuration's own (empty for itself).
    ///
    /// With `apps`, the entry of the folder or of the nearest one above it.
    package func app(at path: String) -> AppConfiguration {
        guard !apps.isEmpty else { return app }
        var parts = path.split(separator: "/")
        while !parts.isEmpty {
            if let entry = apps[parts.joined(separator: "/")] { return entry }
            parts.removeLast()
        }
        // The original ignores the top level here; it can only mean the folder itself.
        return path.isEmpty ? app : AppConfiguration()
    }
}
