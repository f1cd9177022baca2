import CLibrary
import HostSystem
import PortlessCore
import Runner
import SystemPackage

/// What tests need a process of their own for: the first argument says which part it plays.
@main
enum TestTool {
    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst(2))
        switch CommandLine.arguments.dropFirst().first {
        case "run": exit(try run(arguments))
        case "guardian": guardian(marker: FilePath(arguments[0]))
        case "keeper": try keeper(arguments)
        case "drop": try drop(to: arguments)
        case "activate": try activate(arguments)
        case "files": try handleFiles(in: FilePath(arguments[0]))
        default: exit(64)
        }
    }

    /// Runs a command in the foreground under a guardian that makes a marker file when it acts.
    private static func run(_ arguments: [String]) throws -> Int32 {
        let signals = SignalQueue(ForegroundRun.signals)
        let environment = ProcessEnvironment.current
        let link = try Guardian.spawn(
            arguments: ["guardian", arguments[0]],
            environment: environment,
        )
        defer { link.finish() }
        var run = ForegroundRun(alone: true, signals: signals, guardian: link)
        try run.start(ShellCommand(Array(arguments.dropFirst())), environment: environment)
        return try run.wait().exitCode
    }

    private static func guardian(marker: FilePath) {
        Guardian.run(grace: .seconds(1)) { try? AtomicFile.write([], to: marker) }
    }

    /// Keeps the app whose folder in a state directory is given.
    private static func keeper(_ arguments: [String]) throws {
        let folder = FilePath(arguments[0])
        let state = StateDirectory(
            path: folder.removingLastComponent().removingLastComponent()
        )
        try Keeper.run(
            KeeperFolder(folder),
            registrar: NameRegistrar(RoutesStore(directory: state), whenChanged: {}),
            version: "test",
        )
    }

    /// Becomes another user, then says what it still can do.
    private static func drop(to arguments: [String]) throws {
        let ids = arguments.compactMap { UInt32($0) }
        if ids.count == 1, let user = User.lookUp(uid: ids[0]) {
            try Privileges.drop(to: user)
        } else {
            try Privileges.drop(uid: ids[0], gid: ids[1], groups: Array(ids.dropFirst(2)))
        }
        var groups = [gid_t](repeating: 0, count: 64)
        let count = getgroups(64, &groups)
        print("uid", getuid(), geteuid(), "gid", getgid(), getegid())
        print("groups", groups.prefix(Int(count)).sorted())
        print("regained", setuid(0) == 0 || seteuid(0) == 0 || setgid(0) == 0)
        print("shadow", open("/etc/shadow", O_RDONLY) >= 0)
    }

    /// Handles files as another user, then says what it still can do in a folder of that user's.
    private static func handleFiles(in folder: FilePath) throws {
        @Sendable func canRead(_ path: FilePath) -> Bool { (try? AtomicFile.read(path)) != nil }
        try Privileges.handleFiles(asUser: 4242, gid: 4343, groups: [4343, 4444])
        let (secret, link) = (folder.appending("secret"), folder.appending("link"))
        print("ids", getuid(), geteuid(), "root's files", Privileges.areFilesRoots)
        print("reads", canRead(secret), canRead(link))
        print("reads as root", Privileges.asRoot { canRead(secret) }, "then", canRead(secret))
        let ended = try Pipe()
        SystemThread.start {
            print("thread reads", canRead(secret))
            try? ended.writing.close()
        }
        var byte: UInt8 = 0
        _ = try withUnsafeMutableBytes(of: &byte) { try ended.reading.read(into: $0) }
        print("writes through", (try? AtomicFile.writeInPlace([1], to: link)) != nil)
        try AtomicFile.write([1], to: folder.appending("own"))
        fflush(nil)
        let script = "id -u; cat \"$0\""
        let shell = Spawn(
            executable: "/bin/sh",
            arguments: ["-c", script, secret.string],
            environment: ["PATH": "/usr/bin:/bin"],
        )
        _ = try shell.start().wait()
    }

    /// Listens, then becomes a command that is told of the sockets.
    private static func activate(_ arguments: [String]) throws {
        let listener = try LoopbackListeners.listen(.loopbackIPv4, port: 0)
        var spawn = Spawn(
            executable: FilePath(arguments[0]),
            arguments: Array(arguments.dropFirst()),
            environment: ProcessEnvironment.current,
        )
        spawn.passedListeners = [listener]
        try spawn.replaceThisProcess()
    }
}
