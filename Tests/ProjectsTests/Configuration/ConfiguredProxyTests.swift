import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Projects

@Suite struct ConfiguredProxyTests {
    @Test func `all keys are read with their lines`() throws {
        try TemporaryDirectory.with { folder in
            try folder.write(
                "portless.json",
                """
                {"https": false, "port": 8080,
                 "tld": ["test", "dev.example.com"], // both
                 "wildcard": true,
                 "syncHosts": false, "unprivileged": true}
                """,
            )
            let configuration = try ProjectConfiguration.load(in: folder)
            let proxy = configuration.proxy
            #expect(configuration.unknownKeys.isEmpty)
            #expect(proxy.request.usesTLS == false && proxy.request.port == 8080)
            #expect(proxy.request.tlds?.map(\.description) == ["test", "dev.example.com"])
            #expect(proxy.request.usesWildcards == true && proxy.request.isUnprivileged == true)
            #expect(proxy.syncsHosts == false)
            #expect(proxy.origin(of: "tld")?.line == 2)
            #expect(proxy.origin(of: "name") == nil)
        }
    }

    @Test(arguments: [
        (#"{"https": "yes"}"#, #""https""#), (#"{"port": 0}"#, #""port""#),
        (#"{"port": "443"}"#, #""port""#), (#"{"tld": []}"#, #""tld""#),
        (#"{"tld": ["a", 1]}"#, #""tld""#), (#"{"tld": "a_b"}"#, "Invalid TLD"),
        (#"{"wildcard": 1}"#, #""wildcard""#), (#"{"syncHosts": null}"#, #""syncHosts""#),
        (#"{"unprivileged": true, "port": 443}"#, "can't be below 1024"),
    ])
    func `what can't be used is refused by its key`(text: String, words: String) throws {
        try TemporaryDirectory.with { folder in
            for file in ["portless.json", "config.json"] { try folder.write(file, text) }
            for read in [
                { try ProjectConfiguration.load(in: folder).proxy },
                { try ConfiguredProxy.read("config.json", in: folder) },
            ] {
                let error = #expect(throws: ProjectConfigurationError.self) { try read() }
                #expect(error?.description.contains(words) == true)
            }
        }
    }

    @Test func `a package's own keys come before those of its workspace's root`() throws {
        try TemporaryDirectory.with { folder in
            try folder.write(".git/HEAD", "")
            try folder.write("package.json", #"{"workspaces": ["packages/*"]}"#)
            try folder.write("portless.json", #"{"tld": "test", "https": false}"#)
            try folder.write("packages/web/package.json", #"{"portless": {"tld": "web"}}"#)
            try folder.write("packages/api/package.json", "{}")
            let web = try ConfiguredProxy.ofProject(in: folder.appending("packages/web"))
            #expect(web.map(\.proxy.request.tlds?.first?.description) == ["web", "test"])
            let api = try ConfiguredProxy.ofProject(in: folder.appending("packages/api"))
            #expect(api.map(\.folder) == [folder])
            #expect(try ConfiguredProxy.ofProject(in: folder).map(\.folder) == [folder])
        }
    }

    @Test func `other keys of the user's file are not looked at`() throws {
        try TemporaryDirectory.with { folder in
            try folder.write("config.json", #"{"ports": {"ranges": 5}, "name": 7, "port": 8443}"#)
            #expect(try ConfiguredProxy.read("config.json", in: folder).request.port == 8443)
            #expect(try ConfiguredProxy.read("none.json", in: folder).isEmpty)
        }
    }
}

@Suite struct ConfigurationSchemaTests {
    private let schema = try? JSONValue(parsing: ConfigurationSchema.text.utf8)

    private func keys(_ path: String...) -> Set<String> {
        var value = schema
        for part in path { value = value?[part] }
        return Set((value?["properties"]?.object?.members ?? []).map(\.key))
    }

    private static let advice: Comment = """
        Each key that the reader knows is in ConfigurationSchema.swift with a description, and in \
        docs/portless.schema.json (portless config schema > docs/portless.schema.json).
        """

    @Test func `it has the keys that the reader knows, and no others`() {
        typealias Reader = ProjectConfigurationReader
        #expect(keys() == Reader.topLevelKeys, Self.advice)
        #expect(keys("$defs", "app") == Reader.appKeys, Self.advice)
        #expect(keys("$defs", "process") == Reader.processKeys, Self.advice)
        let health = schema?["$defs"]?["health"]?["anyOf"]?.array?.last
        let healthKeys = (health?["properties"]?.object?.members ?? []).map(\.key)
        #expect(Set(healthKeys) == Reader.healthKeys, Self.advice)
    }

    @Test func `each key of it is described, there or where it refers to`() {
        func described(_ value: JSONValue) -> Bool {
            if value["description"]?.string != nil { return true }
            guard let name = value["$ref"]?.string?.split(separator: "/").last else { return false }
            return schema?["$defs"]?[String(name)]?["description"]?.string != nil
        }
        for place in [schema, schema?["$defs"]?["app"], schema?["$defs"]?["process"]] {
            for member in place?["properties"]?.object?.members ?? [] {
                #expect(described(member.value), "\(member.key)")
            }
        }
    }

    @Test func `the docs have the same text`() throws {
        var root = FilePath(#filePath)
        for _ in 0..<4 { root.removeLastComponent() }
        let file = try AtomicFile.read(root.appending("docs").appending("portless.schema.json"))
        let text = String(decoding: file, as: UTF8.self)
        #expect(text == ConfigurationSchema.text + "\n", Self.advice)
    }
}
