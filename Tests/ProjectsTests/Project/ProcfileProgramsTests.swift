import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Projects

@Suite struct ProcfileProgramsTests {
    private func load(_ text: String) throws -> ProcfilePrograms? {
        try TemporaryDirectory.with { folder in
            try folder.write("Procfile", text)
            return try ProcfilePrograms.load(in: folder)
        }
    }

    @Test func `lines that are no programs are told by number`() throws {
        let programs = try #require(try load("# a\nweb: x\nbad line\n\nempty:\n"))
        #expect(programs.entries.map(\.name) == ["web"])
        #expect(
            programs.warnings == [
                "Line 3 of Procfile is left out: it isn't \"name: command\".",
                "Line 5 of Procfile is left out: it isn't \"name: command\".",
            ]
        )
    }

    @Test(arguments: ["", "bad line\n", "# web: x\n"])
    func `a Procfile without a program is an error`(text: String) {
        #expect(throws: ProcfileError.self) { try load(text) }
    }

    @Test(arguments: [
        ("web: x\nweb: y\n", "web (line 1) and web (line 2) of "),
        ("be_api: x\n\nbe-api: y\n", "be_api (line 1) and be-api (line 3) of "),
    ])
    func `programs that would share a name are an error`(text: String, words: String) {
        let error = #expect(throws: ProcfileError.self) { try load(text) }
        #expect(error?.description.hasPrefix(words) == true)
    }
}
