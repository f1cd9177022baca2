import CLibrary
import SystemPackage
import TestSupport
import Testing

@testable import HostSystem

@Suite(.timeLimit(.minutes(1)))
struct SpawnTests {
    @Test func `the environment and the directory are those given`() throws {
        var spawn = shell("pwd; echo $ONLY; env | grep -c HOME=")
        spawn.environment = ["ONLY": "this one", "PATH": "/usr/bin:/bin"]
        spawn.workingDirectory = "/usr"
        #expect(try Captured.output(of: spawn) == "/usr\nthis one\n0")
    }

    @Test func `a program that is missing is an error with its reason`() {
        let spawn = Spawn(executable: "/nonexistent", arguments: [], environment: [:])
        let error = #expect(throws: SystemError.self) { try spawn.start() }
        #expect(error?.errno == .noSuchFileOrDirectory)
        #expect(error?.path == "/nonexistent")
    }

    @Test func `a directory that is missing is an error`() {
        var spawn = shell("true")
        spawn.workingDirectory = "/nonexistent"
        let error = #expect(throws: SystemError.self) { try spawn.start() }
        #expect(error?.errno == .noSuchFileOrDirectory)
    }

    @Test func `no descriptor is inherited by accident`() throws {
        // Without O_CLOEXEC, as some libraries open theirs.
        let null = try FileDescriptor.open("/dev/null", .readOnly)
        let stray = fcntl(null.rawValue, F_DUPFD, 100)
        try null.close()
        try #require(stray >= 100)
        defer { close(stray) }
        let spawn = Spawn(executable: "/bin/ls", arguments: ["/dev/fd/"], environment: [:])
        // One more is the directory that ls itself reads.
        let listed = try Captured.output(of: spawn).split(separator: "\n")
        #expect(listed.count == 4)
        #expect(!listed.contains("\(stray)"))
    }

    @Test func `passed descriptors arrive in order from 3 up`() throws {
        try TemporaryDirectory.with { directory in
            let first = directory.appending("first")
            let second = directory.appending("second")
            try AtomicFile.write("1".utf8, to: first)
            try AtomicFile.write("2".utf8, to: second)
            // Opened the other way round, so that one takes the place that the other shall get.
            let two = try FileDescriptor.open(second, .readOnly)
            let one = try FileDescriptor.open(first, .readOnly)
            defer {
                try? one.close()
                try? two.close()
            }
            var spawn = shell("cat <&3; cat <&4")
            spawn.passedDescriptors = [one, two]
            #expect(try Captured.output(of: spawn) == "12")
        }
    }

    @Test func `standard descriptors may be exchanged`() throws {
        let output = try Pipe()
        var spawn = shell("echo out; echo err >&2")
        spawn.standardOutput = .standardError
        spawn.standardError = output.writing
        let null = try FileDescriptor.open("/dev/null", .readWrite)
        spawn.standardOutput = null
        let child = try spawn.start()
        try output.writing.close()
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = try buffer.withUnsafeMutableBytes { try output.reading.read(into: $0) }
        #expect(String(decoding: buffer[..<count], as: UTF8.self) == "err\n")
        #expect(try child.wait() == .exited(0))
        try output.reading.close()
        try null.close()
    }

    @Test func `its own group is in the same session`() throws {
        var spawn = shell("read line")
        spawn.group = .own
        let input = try Pipe()
        spawn.standardInput = input.reading
        let child = try spawn.start()
        #expect(getpgid(child.pid) == child.pid)
        #expect(getsid(child.pid) == getsid(0))
        try input.writing.close()
        try input.reading.close()
        #expect(try child.wait() == .exited(1))
    }

    @Test func `its own session is out of the terminal's reach`() throws {
        var spawn = shell("read line")
        spawn.group = .ownSession
        let input = try Pipe()
        spawn.standardInput = input.reading
        let child = try spawn.start()
        #expect(getsid(child.pid) == child.pid)
        try input.writing.close()
        try input.reading.close()
        _ = try child.wait()
    }

    @Test func `signals that we block or handle are as new`() throws {
        var blocked = sigset_t()
        var previous = sigset_t()
        sigemptyset(&blocked)
        sigaddset(&blocked, SIGTERM)
        pthread_sigmask(SIG_BLOCK, &blocked, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
        let child = try shell("kill -TERM $$; exit 3").start()
        #expect(try child.wait() == .signalled(.terminate))
    }

    @Test func `the end tells code or signal`() throws {
        #expect(try shell("exit 7").start().wait() == .exited(7))
        #expect(try shell("kill -9 $$").start().wait() == .signalled(.kill))
        #expect(ProcessEnd.signalled(.kill).exitCode == 137)
        #expect(ProcessEnd.exited(7).exitCode == 7)
    }

    @Test func `a stop and its end are seen in turn`() throws {
        let child = try Captured(shell("kill -STOP $$; echo on"))
        #expect(try nextChange(of: child.process) == .stopped(.stop))
        child.process.send(.continue)
        #expect(try child.readLine() == "on")
        var change = try nextChange(of: child.process)
        if change == .continued { change = try nextChange(of: child.process) }
        #expect(change == .ended(.exited(0)))
        // Still there, until it is reaped.
        #expect(kill(child.process.pid, 0) == 0)
        try child.process.reap()
        #expect(kill(child.process.pid, 0) == -1)
    }

    @Test func `the announcement is the child's PID`() throws {
        let pipe = try Pipe()
        var spawn = shell("exit 0")
        spawn.announcement = pipe.writing
        let child = try spawn.start()
        var pid: Int32 = 0
        let count = try withUnsafeMutableBytes(of: &pid) { try pipe.reading.read(into: $0) }
        #expect(count == 4)
        #expect(pid == child.pid)
        _ = try child.wait()
        try pipe.reading.close()
        try pipe.writing.close()
    }

    @Test func `an announcement without a reader does not harm the child`() throws {
        let pipe = try Pipe()
        try pipe.reading.close()
        var spawn = shell("exit 4")
        spawn.announcement = pipe.writing
        #expect(try spawn.start().wait() == .exited(4))
        try pipe.writing.close()
    }

    @Test func `listeners are announced as systemd does it`() throws {
        let null = try FileDescriptor.open("/dev/null", .readOnly)
        defer { try? null.close() }
        var spawn = shell("echo $LISTEN_FDS $((LISTEN_PID - $$)) ${LISTEN_FDNAMES-none}")
        spawn.environment["LISTEN_FDNAMES"] = "stale"
        spawn.passedListeners = [null, null]
        #expect(try Captured.output(of: spawn) == "2 0 none")
    }

    @Test func `sockets that were handed to us are not announced to others`() throws {
        var spawn = shell("echo ${LISTEN_FDS-none} ${LISTEN_PID-none}")
        spawn.environment["LISTEN_FDS"] = "1"
        spawn.environment["LISTEN_PID"] = "1"
        #expect(try Captured.output(of: spawn) == "none none")
    }

    private func shell(_ script: String) -> Spawn {
        Spawn(
            executable: "/bin/sh",
            arguments: ["-c", script],
            environment: ["PATH": "/usr/bin:/bin"],
        )
    }

    /// Nothing else in the test tells of a change, so this looks until there is one.
    private func nextChange(of child: ChildProcess) throws -> ProcessChange {
        while true {
            if let change = try child.change() { return change }
            sched_yield()
        }
    }
}
