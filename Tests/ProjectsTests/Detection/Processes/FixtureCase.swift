import HostSystem
import PortlessCore
import Projects
import SystemPackage
import Testing

/// A project written for the tests, with what detection has to find in it.
struct FixtureCase: CustomTestStringConvertible, Sendable {
    static let root = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .appending("Fixtures")

    static var all: [FixtureCase] {
        DirectoryListing.names(root).sorted().map { FixtureCase(name: $0) }
    }

    let name: String

    var directory: FilePath { Self.root.appending(name) }

    var testDescription: String { name }

    func expected() throws -> JSONValue {
        try JSONValue(parsing: AtomicFile.read(directory.appending("expected.json")))
    }

    func detect() -> DetectedProject {
        ProjectDetection.detect(
            directory: directory,
            files: .directory(directory),
            home: "/home/me",
        )
    }

    /// Where `actual` doesn't have what `expected` asks for; lists and port maps have to be equal.
    static func differences(
        _ expected: JSONValue,
        _ actual: JSONValue?,
        at path: String = "",
    ) -> [String] {
        switch (expected, actual) {
        case (.object(let wanted), .object(let found)):
            if path.hasSuffix(".ports"), wanted.keys != found.keys {
                return ["\(path): \(wanted.keys) != \(found.keys)"]
            }
            return wanted.members.flatMap { member in
                differences(member.value, found[member.key], at: "\(path).\(member.key)")
            }
        case (.array(let wanted), .array(let found)):
            guard wanted.count == found.count else {
                return ["\(path): \(expected.compact) != \(actual?.compact ?? "nothing")"]
            }
            return zip(wanted, found).enumerated().flatMap { index, pair in
                differences(pair.0, pair.1, at: "\(path)[\(index)]")
            }
        default:
            return expected == actual
                ? [] : ["\(path): \(expected.compact) != \(actual?.compact ?? "nothing")"]
        }
    }
}
