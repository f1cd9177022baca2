import Foundation
import Testing

/// Copies of the program that call themselves by another version.
enum OtherVersion {
    static let own = "0.1.0"

    /// Puts a copy at `path`.
    static func install(_ version: String, at path: URL, _ sandbox: Sandbox) async throws {
        try #require(version.utf8.count == own.utf8.count)
        var program = try Data(contentsOf: URL(filePath: Binary.path))
        var found = program.startIndex
        while let range = program.range(of: Data(own.utf8), in: found..<program.endIndex) {
            program.replaceSubrange(range, with: Data(version.utf8))
            found = range.upperBound
        }
        try program.write(to: path)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755],
            ofItemAtPath: path.path(),
        )
        let said = try await sandbox.start([path.path(), "--version"]).finished().output
        try #require(said == "\(version)\n")
    }
}
