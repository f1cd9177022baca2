import HostSystem
import PortlessCore
import SystemPackage

@testable import Projects

/// A project whose files are only in memory.
enum HostileProject {
    static func files(_ files: [String: String]) -> ProjectFiles {
        ProjectFiles(
            read: { path in files[path].map { Array($0.utf8) } },
            list: { path in
                path.isEmpty ? files.keys.map { .init(name: $0, isDirectory: false) } : []
            },
        )
    }

    static func detect(_ files: [String: String]) -> DetectedProject {
        ProjectDetection.detect(directory: "/app", files: self.files(files), home: "/home/me")
    }
}

extension FixtureCase {
    /// The texts of all fixtures' files that have one of the names.
    static func texts(named isWanted: (String) -> Bool) -> [String] {
        all.flatMap { $0.files().filter { isWanted($0.key) }.values }.sorted()
    }

    /// The files in its own folder.
    func files() -> [String: String] {
        var files: [String: String] = [:]
        for name in DirectoryListing.names(directory) where name != "expected.json" {
            guard let bytes = try? AtomicFile.read(directory.appending(name)) else { continue }
            files[name] = String(decoding: bytes, as: UTF8.self)
        }
        return files
    }
}
