import HTTPTypes
import PortlessCore
import Testing

@testable import Server

@Suite struct OpenAPIDocumentTests {
    @Test func `every operation is described, and every reference leads somewhere`() async throws {
        try await APIFixture.with { api in
            let answer = try await api.get("/api/openapi.json")
            let document = answer.json
            #expect(document["openapi"]?.string == "3.1.0")
            let paths = try #require(document["paths"]?.object)
            let described = paths.members.flatMap { path, item in
                (item.object?.keys ?? []).map { "\($0) \(path)" }
            }
            let served = api.router.operations.map {
                "\($0.method.rawValue.lowercased()) \($0.path)"
            }
            #expect(Set(described) == Set(served))
            let components = try #require(document["components"]?["schemas"]?.object)
            let references = answer.text.split(separator: "#/components/schemas/").dropFirst()
                .map { String($0.prefix { $0 != "\"" }) }
            #expect(!references.isEmpty)
            for name in Set(references) { #expect(components[name] != nil, "\(name)") }
        }
    }

    @Test func `identifiers and paths are there once`() async throws {
        try await APIFixture.with { api in
            let operations = api.router.operations
            #expect(Set(operations.map(\.id)).count == operations.count)
            #expect(Set(operations.map { "\($0.method) \($0.path)" }).count == operations.count)
        }
    }

    /// No page of another origin can send JSON or a DELETE unasked, so this is what guards the changes.
    @Test func `whatever is sent takes a body, and whatever changes takes a credential`()
        async throws
    {
        try await APIFixture.with { api in
            for operation in api.router.operations {
                let isBare = [.get, .delete].contains(operation.method)
                #expect(isBare == (operation.body == nil), "\(operation.id)")
                #expect(
                    operation.method == .get || operation.access != .read || operation.body != nil
                )
                if operation.access != .read { #expect(operation.statuses.contains(401)) }
            }
        }
    }
}
