import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Projects

@Suite struct ProjectFilesTests {
    @Test func `pipes, devices, directories and what isn't there are no files`() throws {
        try TemporaryDirectory.with { folder in
            try NamedPipe.make(folder.appending("Procfile"))
            _ = try FileSystem.makeDirectory(
                folder.appending(".env"),
                mode: .ownerReadWriteExecute,
            )
            try AtomicFile.write("web: sleep 1\n".utf8, to: folder.appending("Procfile.dev"))
            let files = ProjectFiles.directory(folder)
            for name in ["Procfile", ".env", "package.json", "../../../../../../dev/zero"] {
                #expect(try files.read(name) == nil)
            }
            #expect(try files.read("Procfile.dev")?.count == 13)
        }
    }
}
