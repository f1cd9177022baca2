import HostSystem
package import PortlessCore
package import SystemPackage

/// The parts of a `package.json` that matter here.
package struct PackageManifest: Hashable, Sendable {
    package let json: JSONObject

    /// Nil where there is none, or none that can be understood: it is npm's file to complain about.
    package init?(in folder: FilePath) {
        guard let bytes = try? ProjectFile.read(folder.appending("package.json")),
            let json = try? JSONValue(parsing: bytes).object
        else { return nil }
        self.json = json
    }

    private init(json: JSONObject) {
        self.json = json
    }

    /// The folder's manifest, if there is one; unlike above, one that can't be read is an error.
    package static func load(in folder: FilePath) throws -> PackageManifest? {
        let file = folder.appending("package.json")
        guard try FileStatus.of(file) != nil else { return nil }
        do {
            guard let json = try JSONValue(parsing: ProjectFile.read(file)).object else {
                throw ProjectConfigurationError.invalidJSON(file, reason: "it is no object")
            }
            return PackageManifest(json: json)
        } catch let error as JSONSyntaxError {
            throw ProjectConfigurationError.invalidJSON(file, reason: error.description)
        }
    }

    /// The names of its scripts, in the order of the file.
    package var scriptNames: [String] {
        json["scripts"]?.object?.members.map(\.key) ?? []
    }

    /// The name with its scope; nil if it is empty.
    package var name: String? {
        json["name"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The text of a script; nil if it isn't there or blank.
    package func script(_ name: String) -> String? {
        json["scripts"]?[name]?.string.flatMap { $0.trimmingBlanks.isEmpty ? nil : $0 }
    }

    /// `@scope/name` without the scope.
    package static func unscoped(_ name: String) -> Substring {
        guard name.hasPrefix("@"), let slash = name.firstIndex(of: "/") else { return name[...] }
        return name[name.index(after: slash)...]
    }

    /// The `scope` of `@scope/name`.
    package static func scope(of name: String) -> Substring? {
        guard name.hasPrefix("@"), let slash = name.firstIndex(of: "/") else { return nil }
        return name[..<slash].dropFirst()
    }
}
