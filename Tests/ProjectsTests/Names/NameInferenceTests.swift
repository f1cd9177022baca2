import HostSystem
import PortlessCore
import Projects
import SystemPackage
import TestSupport
import Testing

@Suite struct NameInferenceTests {
    @Test func `the nearest package with a name counts, without its scope`() throws {
        try TemporaryDirectory.with { folder in
            try folder.write("package.json", #"{"name":"@Acme/Web_Shop"}"#)
            try folder.write("a/package.json", #"{"name":""}"#)
            try folder.write("a/b/package.json", "not json")
            let result = try NameInference.infer(in: folder.appending("a/b"))
            #expect(result.name == "web-shop")
            #expect(result.source == .packageJSON)
        }
    }

    @Test func `the search for a package ends at the repository's root`() throws {
        try TemporaryDirectory.with { folder in
            try folder.write("package.json", #"{"name":"home"}"#)
            try folder.write("My Repo/.git/HEAD", "ref: refs/heads/main")
            try folder.write("My Repo/src/x", "")
            let result = try NameInference.infer(in: folder.appending("My Repo/src"))
            #expect(result.name == "my-repo")
            #expect(result.source == .gitRoot)
        }
    }

    @Test func `else the folder's own name does`() throws {
        try TemporaryDirectory.with { folder in
            try folder.write("Some.App/x", "")
            let result = try NameInference.infer(in: folder.appending("Some.App"))
            #expect(result.name == "some-app")
            #expect(result.source == .folder)
        }
    }

    @Test func `nothing to go by is an error`() {
        #expect(throws: NameError.self) { try NameInference.infer(in: "/") }
    }
}
