import SystemPackage
import TestSupport
import Testing

@testable import HostSystem

struct ProgramSearchTests {
    @Test func `the first program in the path wins`() throws {
        try TemporaryDirectory.with { directory in
            let program = directory.appending("sh")
            try AtomicFile.write([], to: program, mode: [.ownerReadWriteExecute])
            #expect(ProgramSearch.find("sh", path: "\(directory):/bin") == program)
            #expect(ProgramSearch.find("sh", path: "/nonexistent:/bin:\(directory)") == "/bin/sh")
        }
    }

    @Test func `neither a folder nor a plain file is a program`() throws {
        try TemporaryDirectory.with { directory in
            try AtomicFile.write([], to: directory.appending("plain"))
            #expect(ProgramSearch.find("plain", path: directory.string) == nil)
            #expect(ProgramSearch.find("lib", path: "/usr") == nil)
            #expect(ProgramSearch.find(directory.string, path: nil) == nil)
            #expect(ProgramSearch.find("", path: directory.string) == nil)
        }
    }

    @Test func `a name with a slash is taken as it is`() {
        #expect(ProgramSearch.find("/bin/sh", path: nil) == "/bin/sh")
        #expect(ProgramSearch.find("/bin/nonexistent", path: "/bin") == nil)
    }
}
