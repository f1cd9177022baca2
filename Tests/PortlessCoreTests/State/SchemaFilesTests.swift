import HostSystem
import SystemPackage
import Testing

@testable import PortlessCore

@Suite struct SchemaFilesTests {
    /// What docs/schemas says of the members of one of our objects; `name` is its definition, nil
    /// for the document itself.
    private func schema(
        _ file: String,
        _ name: String?,
    ) throws -> (all: Set<String>, always: Set<String>) {
        var root = FilePath(#filePath)
        for _ in 0..<4 { root.removeLastComponent() }
        let bytes = try AtomicFile.read(root.appending("docs/schemas/\(file).schema.json"))
        let document = try JSONValue(parsing: bytes)
        let object = name.map { document["$defs"]?[$0] } ?? document
        let properties = object?["properties"]?.object?.members.map(\.key) ?? []
        let required = object?["required"]?.array?.compactMap(\.string) ?? []
        return (Set(properties), Set(required))
    }

    private func members(_ shape: JSONShape) -> [JSONMember] {
        switch shape {
        case .named(_, let shape): members(shape)
        case .object(let members): members
        default: []
        }
    }

    @Test(
        arguments: [
            ("ps", "process", SupervisedProcess.shape),
            ("apps", "process", SupervisedProcess.shape),
            ("ps", "app", SupervisedApp.shape), ("apps", "app", SupervisedApp.shape),
            ("logs", nil, LogLine.shape), ("traffic", nil, TrafficRecord.shape),
            ("crashes-show", nil, CrashRecord.shape), ("jobs-show", nil, Job.shape),
            ("crashes-list", "crash", CrashRecord.entryShape),
        ] as [(String, String?, JSONShape)]
    )
    func `the schemas have the members that are written`(
        file: String,
        name: String?,
        shape: JSONShape,
    ) throws {
        let (all, always) = try schema(file, name)
        let members = members(shape)
        #expect(all == Set(members.map(\.key)))
        #expect(always == Set(members.filter(\.isConstant).map(\.key)))
    }
}
