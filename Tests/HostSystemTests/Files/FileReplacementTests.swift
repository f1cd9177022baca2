import CLibrary
import HostSystem
import SystemPackage
import TestSupport
import Testing

struct FileReplacementTests {
    private func text(_ path: FilePath) throws -> String {
        String(decoding: try AtomicFile.read(path), as: UTF8.self)
    }

    private func replacement(_ path: FilePath, _ old: String, _ new: String) -> FileReplacement {
        FileReplacement(path: path, old: Array(old.utf8), new: Array(new.utf8))
    }

    @Test func `all files are replaced, with their modes, behind links too`() throws {
        try TemporaryDirectory.with { folder in
            let (one, two) = (folder.appending("one"), folder.appending("two"))
            try AtomicFile.write("1".utf8, to: one, mode: [.ownerReadWrite, .ownerExecute])
            try AtomicFile.write("2".utf8, to: folder.appending("target"))
            try #require(symlink("target", two.string) == 0)
            try FileReplacement.perform([replacement(one, "1", "A"), replacement(two, "2", "B")])
            #expect(try text(one) == "A")
            #expect(try FileStatus.of(one)?.permissions == [.ownerReadWrite, .ownerExecute])
            #expect(try text(folder.appending("target")) == "B")
            #expect(try FileStatus.of(two, followingLinks: false)?.isSymbolicLink == true)
        }
    }

    @Test func `a file that has changed, or is gone, leaves all as they were`() throws {
        try TemporaryDirectory.with { folder in
            let (one, two) = (folder.appending("one"), folder.appending("two"))
            try AtomicFile.write("1".utf8, to: one)
            try AtomicFile.write("other".utf8, to: two)
            for second in [two, folder.appending("missing")] {
                #expect(throws: SystemError.self) {
                    try FileReplacement.perform([
                        replacement(one, "1", "A"), replacement(second, "2", "B"),
                    ])
                }
                #expect(try text(one) == "1")
            }
        }
    }
}
