import HostSystem
package import PortlessCore
package import SystemPackage

/// Finds a name for the project in a folder.
package enum NameInference {
    package struct Result: Hashable, Sendable {
        package let name: String
        package let source: NameSource
    }

    /// The name of the nearest package, else of the repository's folder, else of the folder itself.
    ///
    /// The search for a package ends at the repository's root: a `package.json` above it, in the
    /// home directory for instance, belongs to something else.
    package static func infer(in folder: FilePath) throws(NameError) -> Result {
        let root = GitRepository.root(above: folder)
        for directory in folder.selfAndAncestors {
            if let name = packageName(in: directory) {
                return Result(name: name, source: .packageJSON)
            }
            if directory == root { break }
        }
        if let root, let name = name(ofFolder: root) {
            return Result(name: name, source: .gitRoot)
        }
        guard let name = name(ofFolder: folder) else {
            throw .nothingToInferFrom(folder: folder.string)
        }
        return Result(name: name, source: .folder)
    }

    private static func packageName(in directory: FilePath) -> String? {
        guard let manifest = PackageManifest(in: directory), let name = manifest.name else {
            return nil
        }
        return nonEmpty(DNSLabel.sanitized(PackageManifest.unscoped(name)))
    }

    private static func name(ofFolder folder: FilePath) -> String? {
        nonEmpty(DNSLabel.sanitized(folder.lastComponent?.string ?? ""))
    }

    private static func nonEmpty(_ text: String) -> String? { text.isEmpty ? nil : text }
}

/// Where an app's name comes from, as the user is told.
package enum NameSource: String, Hashable, Sendable, CustomStringConvertible {
    case flag = "--name flag"
    case configuration = "portless.json"
    case packageJSON = "package.json"
    case gitRoot = "git root"
    case folder = "directory name"

    package var description: String { rawValue }
}
