import HostSystem
import PortlessCore
import SystemPackage
import Testing

@Suite struct StateFileTests {
    @Test func `every file has a name of its own, and secrets are their owner's only`() {
        #expect(Set(StateFile.all.map(\.name)).count == StateFile.all.count)
        for file in StateFile.all where file.isSecret { #expect(file.mode == .ownerReadWrite) }
        #expect(StateFile.all.filter(\.isSecret).map(\.name).contains("ca-key.pem"))
    }

    @Test func `a directory's paths are those of the table`() {
        let directory = StateDirectory(path: "/s")
        #expect(directory[.routes] == "/s/routes.json")
        #expect(directory[.caKey] == "/s/ca-key.pem")
    }

    @Test func `ARCHITECTURE.md lists the same files, with who writes them`() throws {
        let documented = try Self.documentedFiles()
        #expect(Set(documented.keys) == Set(StateFile.all.map(\.name)))
        for file in StateFile.all {
            let writers = file.writers.map(\.rawValue).joined(separator: ", ")
            #expect(documented[file.name] == writers, "\(file.name)")
        }
    }

    /// The names in the table of the section "State", each with its last column.
    private static func documentedFiles() throws -> [String: String] {
        var root = FilePath(#filePath)
        while root.lastComponent != "Tests" { root.removeLastComponent() }
        let file = root.removingLastComponent().appending("ARCHITECTURE.md")
        let text = String(decoding: try AtomicFile.read(file), as: UTF8.self)
        let section = text.split(separator: "\n## ").first { $0.hasPrefix("State\n") }
        let table = try #require(section).split(separator: "In `apps/<app>/`:")[0]
        var files: [String: String] = [:]
        for row in table.split(separator: "\n") where row.hasPrefix("| `") {
            let columns = row.split(separator: "|").map { $0.split(separator: " ") }
            for name in columns[0] {
                let name = name.filter { !"`,/".contains($0) }
                files[name] = columns[2].joined(separator: " ")
            }
        }
        return files
    }
}
