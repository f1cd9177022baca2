import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Runner

@Suite(.timeLimit(.minutes(1)))
struct RawCopyTests {
    private func write(_ text: String, to copy: RawCopy) -> String? {
        Array(text.utf8).withUnsafeBytes { copy.append($0) }
        return copy.flush()
    }

    @Test func `missing folders are made, and a large file is emptied`() throws {
        try TemporaryDirectory.with { root in
            let path = root.appending("a").appending("b").appending("out.log")
            let copy = RawCopy(path, limit: 8, count: 1)
            #expect(write("first", to: copy) == nil)
            #expect(write("second", to: copy) == nil)
            let new = try AtomicFile.read(path)
            let old = try AtomicFile.read(FilePath("\(path).1"))
            #expect(new == Array("second\n".utf8))
            #expect(old == Array("first\n".utf8))
        }
    }

    @Test func `a pipe without a reader isn't waited for, and one with a reader stays a pipe`()
        throws
    {
        try TemporaryDirectory.with { root in
            let path = root.appending("out")
            try NamedPipe.make(path)
            let copy = RawCopy(path, limit: 8, count: 1)
            let complaint = try #require(write("nobody hears", to: copy))
            #expect(complaint.contains("\(path)"))
            // Once is enough.
            #expect(write("nobody hears", to: copy) == nil)
            let reader = try NamedPipe.openReading(path)
            defer { try? reader.close() }
            #expect(write("hello, listener", to: copy) == nil)
            #expect(write("more", to: copy) == nil)
            var bytes = [UInt8](repeating: 0, count: 64)
            let count = try bytes.withUnsafeMutableBytes { try reader.read(into: $0) }
            #expect(bytes.prefix(count) == Array("hello, listener\nmore\n".utf8)[...])
            #expect(try FileStatus.of(FilePath("\(path).1")) == nil)
        }
    }

    @Test func `what is no file is named once in the log of the process`() async throws {
        try await SupervisionFixture.with { fixture in
            let web = fixture.shell("web", "echo hello; echo again; exec sleep 600") {
                $0.outputFile = fixture.project
                $0.errorFile = "/dev/null"
            }
            _ = try await fixture.supervisor.up(fixture.plan(web))
            try await fixture.eventually {
                try await fixture.notes("web").contains { $0.contains("\(fixture.project): ") }
            }
        }
    }
}
