import CLibrary
import SystemPackage
import TestSupport
import Testing

@testable import HostSystem

@Suite(.timeLimit(.minutes(1)))
struct ProcessDetailsTests {
    @Test func `a process is described as it was started`() throws {
        var spawn = Spawn(executable: "/bin/cat", arguments: ["a b", ""], environment: [:])
        let pipe = try Pipe()
        spawn.standardInput = pipe.reading
        spawn.standardError = try FileDescriptor.open("/dev/null", .writeOnly)
        spawn.arguments = ["-", "a b", ""]
        spawn.workingDirectory = "/usr"
        let child = try spawn.start()
        // The system closes our pipe to a new program a moment before its arguments are in place.
        waitUntil { ProcessDetails.commandLine(of: child.pid) != nil }
        #expect(ProcessDetails.commandLine(of: child.pid) == ["/bin/cat", "-", "a b", ""])
        #expect(ProcessDetails.workingDirectory(of: child.pid) == "/usr")
        #expect(ProcessDetails.name(of: child.pid) == "cat")
        try pipe.writing.close()
        try pipe.reading.close()
        try spawn.standardError.close()
        _ = try child.wait()
        #expect(ProcessDetails.commandLine(of: child.pid) == nil)
    }

    @Test func `macOS's form of the arguments is understood`() {
        let text = "/bin/node\0\0\0node\0server.js\0PATH=/bin\0EMPTY=\0A=b=c\0\0stack\0"
        let parsed = DarwinProcessArguments([2, 0, 0, 0] + Array(text.utf8))
        #expect(parsed?.arguments == ["node", "server.js"])
        #expect(parsed?.environment == ["PATH": "/bin", "EMPTY": "", "A": "b=c"])
    }

    @Test func `of a protected program macOS tells the arguments alone`() {
        let bytes = [1, 0, 0, 0] + Array("/bin/sh\0sh\0\0\0\0".utf8)
        #expect(DarwinProcessArguments(bytes)?.arguments == ["sh"])
        #expect(DarwinProcessArguments(bytes)?.environment == [:])
    }

    @Test(
        arguments: [[], [1, 0, 0], [9, 0, 0, 0, 65, 0, 66], [255, 255, 255, 255, 65]] as [[UInt8]]
    )
    func `half an answer gives no arguments`(bytes: [UInt8]) {
        #expect(DarwinProcessArguments(bytes) == nil)
    }
}
