import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Projects

@Suite struct ProcfileTests {
    private func load(_ text: String) throws -> Procfile? {
        try TemporaryDirectory.with { folder in
            try folder.write("Procfile", text)
            return try Procfile.load(in: folder)
        }
    }

    @Test func `lines that are no programs are told by number`() throws {
        let procfile = try #require(try load("# a\nweb: x\nbad line\n\nempty:\n"))
        #expect(procfile.entries.map(\.name) == ["web"])
        #expect(
            procfile.warnings == [
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

    @Test func `a Procfile is one program a line`() {
        let text =
            "# x: y\nweb: bin/rails s -p $PORT\n\nworker:  rake jobs:work\nno program\nbad name: x\n"
        let procfile = Procfile(SourceText(file: "Procfile", bytes: Array(text.utf8)))
        let entries = procfile.entries
        #expect(entries.map(\.name) == ["web", "worker"])
        #expect(entries.map(\.command) == ["bin/rails s -p $PORT", "rake jobs:work"])
        #expect(entries.map(\.location.line) == [2, 4])
        #expect(entries.map { ServerCommand.mentionsPort($0.command) } == [true, false])
        #expect(procfile.strayLines == [5, 6])
    }
}
