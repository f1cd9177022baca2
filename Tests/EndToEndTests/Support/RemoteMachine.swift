import Foundation
import Testing

/// Another machine with a real SSH server and a Portless of its own, on this one.
///
/// It has its own state directory, home and ports; `ssh` reaches it as `box` with a key.
struct RemoteMachine: Sendable {
    static let isPossible = FileManager.default.isExecutableFile(atPath: server)
    private static let server = "/usr/sbin/sshd"

    let sandbox: Sandbox
    private let folder: URL
    private let port: Int
    private let proxyPort: Int

    var destination: String { "\(NSUserName())@box" }
    var state: String { folder.appending(path: "state").path() }

    /// For the commands of this machine that shall reach it.
    var reach: [String: String] {
        ["PATH": folder.appending(path: "bin").path() + ":" + (sandbox.environment["PATH"] ?? "")]
    }

    /// Gives a test its two machines, and ends what it left running.
    static func with(_ body: (RemoteMachine) async throws -> Void) async throws {
        try await Sandbox.with { sandbox in
            let machine = try RemoteMachine(sandbox)
            do {
                try await machine.prepare()
                try await machine.startServer()
                try await body(machine)
            } catch {
                machine.endServer()
                throw error
            }
            machine.endServer()
        }
    }

    private init(_ sandbox: Sandbox) throws {
        self.sandbox = sandbox
        folder = sandbox.root.appending(path: "box")
        port = try FreePort.next()
        proxyPort = try FreePort.next()
    }

    private func prepare() async throws {
        let files = FileManager.default
        for name in ["bin", "home", "project"] {
            try files.createDirectory(
                at: folder.appending(path: name),
                withIntermediateDirectories: true,
            )
        }
        try await makeKey("id")
        try await makeKey("host-key")
        try files.copyItem(
            at: folder.appending(path: "id.pub"),
            to: folder.appending(path: "authorized_keys"),
        )
        let folder = folder.path()
        try write(
            """
            Host box
              HostName 127.0.0.1
              Port \(port)
              IdentityFile \(folder)/id
              IdentitiesOnly yes
              UserKnownHostsFile \(folder)/known_hosts
              StrictHostKeyChecking accept-new
            """,
            to: "ssh_config",
        )
        try write("#!/bin/sh\nexec /usr/bin/ssh -F \(folder)/ssh_config \"$@\"\n", to: "bin/ssh")
        try files.setAttributes(
            [.posixPermissions: 0o755],
            ofItemAtPath: self.folder.appending(path: "bin/ssh").path(),
        )
    }

    func makeKey(_ name: String) async throws {
        let path = folder.appending(path: name).path()
        try? FileManager.default.removeItem(atPath: path)
        try await sandbox.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path)
    }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: folder.appending(path: name))
    }

    /// Starts the SSH server, and waits until it listens.
    func startServer() async throws {
        let folder = folder.path()
        try? FileManager.default.createDirectory(
            atPath: "/run/sshd",
            withIntermediateDirectories: true,
        )
        try write(
            """
            Port \(port)
            ListenAddress 127.0.0.1
            HostKey \(folder)/host-key
            PidFile \(folder)/sshd.pid
            AuthorizedKeysFile \(folder)/authorized_keys
            StrictModes no
            UsePAM no
            PermitRootLogin yes
            PasswordAuthentication no
            """,
            to: "sshd_config",
        )
        try await sandbox.run(
            Self.server,
            "-f",
            "\(folder)/sshd_config",
            "-E",
            "\(folder)/sshd.log",
        )
        try await eventually("the SSH server") { serverID }
    }

    private var serverID: Int32? {
        let text = try? String(contentsOf: folder.appending(path: "sshd.pid"), encoding: .utf8)
        return text.flatMap { Int32($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }

    /// Kills the SSH server with all its connections, as a power cut does.
    func endServer() {
        guard let serverID else { return }
        // What else runs there goes on: only the server's own processes are meant.
        let servers = Set(
            ProcessTable.all.filter { $0.arguments.hasPrefix("sshd") }.map(\.id)
        )
        var doomed = [serverID]
        var next = 0
        while next < doomed.count {
            doomed += ProcessTable.children(of: doomed[next]).filter(servers.contains)
            next += 1
        }
        for id in doomed { kill(id, SIGKILL) }
        try? FileManager.default.removeItem(at: folder.appending(path: "sshd.pid"))
    }

    /// Starts `portless` there.
    func start(_ arguments: String...) throws -> Program {
        try sandbox.start(
            [Binary.path] + arguments,
            environment: [
                "HOME": folder.appending(path: "home").path(), "PORTLESS_STATE_DIR": state,
                "PORTLESS_PORT": String(proxyPort),
            ],
            directory: folder.appending(path: "project"),
        )
    }

    /// Runs `portless` here.
    @discardableResult
    func here(_ arguments: String...) async throws -> Program.Result {
        try await sandbox.start([Binary.path] + arguments, environment: reach).finished()
    }
}
