import HostSystem
import SystemPackage
import TestSupport
import Testing

@testable import portless

@Suite struct AgentsCommandTests {
    @Test func `the text is short, and names only what is there`() async throws {
        #expect(
            AgentsSection.text.split(separator: "\n", omittingEmptySubsequences: false).count < 60
        )
        try await CommandWorld.with { world in
            let result = await world.run("agents")
            #expect(result.code == 0 && result.output == AgentsSection.text + "\n")
        }
    }

    @Test func `the section is added, brought up to date, and all else stays`() {
        let section = "\(AgentsSection.begin)\n\(AgentsSection.text)\n\(AgentsSection.end)"
        #expect(AgentsSection.added(to: "") == section + "\n")
        #expect(AgentsSection.added(to: "# Ours") == "# Ours\n\n" + section + "\n")
        let old = "# Ours\r\n\(AgentsSection.begin)\nold\n\(AgentsSection.end)\ttheirs\n"
        #expect(AgentsSection.added(to: old) == "# Ours\r\n\(section)\ttheirs\n")
        #expect(AgentsSection.added(to: "# Ours\n\(AgentsSection.begin)") == nil)
        #expect(AgentsSection.added(to: "\(AgentsSection.end)\n\(AgentsSection.begin)") == nil)
    }

    @Test func `a file is written once, and one that can't be understood is left alone`()
        async throws
    {
        try await CommandWorld.with { world in
            let folder = world.context.workingDirectory
            let file = folder.appending("AGENTS.md")
            #expect(await world.run("agents --write").output == "Wrote \(file).\n")
            #expect(await world.run("agents --write").output == "\(file) has it already.\n")
            let bytes: [UInt8] = [0xFF, 0x0A]
            try AtomicFile.write(bytes, to: file, mode: .ownerReadWrite)
            let refused = await world.run("agents --write")
            #expect(refused.code == 1 && refused.talk.contains("without the other"))
            #expect(try AtomicFile.read(file) == bytes)
        }
    }
}
