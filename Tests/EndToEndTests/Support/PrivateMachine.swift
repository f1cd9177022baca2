import Foundation
import Testing

/// A machine as far as a proxy can tell, which only root can make.
///
/// It has a network of its own, where 443 and 80 are free, and a user of its own.
struct PrivateMachine: Sendable {
    static let isPossible = getuid() == 0

    /// What the user may do through sudo.
    enum Sudo {
        case everything
        case everythingWithPassword
        case nothing

        func rule(for name: String) -> String {
            switch self {
            case .everything: "\(name) ALL=(ALL) NOPASSWD: ALL\n"
            case .everythingWithPassword: "\(name) ALL=(ALL) ALL\n"
            case .nothing: "Defaults:\(name) !authenticate\n\(name) ALL=(ALL) !ALL\n"
            }
        }
    }

    static let password = "Open, sesame."

    let sandbox: Sandbox
    let name: String
    let userID: UInt32

    var home: String { "/home/\(name)" }
    var state: String { "\(home)/.portless" }
    var binary: String { "\(home)/bin/portless" }

    static func with(
        sudo: Sudo = .everything,
        _ body: (PrivateMachine) async throws -> Void,
    ) async throws {
        try await Sandbox.with { sandbox in
            let name = "portless-e2e-\(UUID().uuidString.prefix(6).lowercased())"
            try await sandbox.run("useradd", "--create-home", "--shell", "/bin/sh", name)
            try await sandbox.run("ip", "netns", "add", name)
            // `ip netns exec` puts what it finds there over /etc: the real hosts file stays as it is.
            let etc = "/etc/netns/\(name)"
            try await sandbox.run("mkdir", "-p", etc)
            try "127.0.0.1 localhost\n".write(
                toFile: "\(etc)/hosts",
                atomically: true,
                encoding: .utf8,
            )
            let id = try await sandbox.run("id", "-u", name)
            let machine = PrivateMachine(
                sandbox: sandbox,
                name: name,
                userID: try #require(UInt32(id.trimmingCharacters(in: .newlines))),
            )
            do {
                try await machine.prepare(sudo)
                try await body(machine)
            } catch {
                await machine.tellLog()
                await machine.remove()
                throw error
            }
            await machine.remove()
        }
    }

    private func prepare(_ sudo: Sudo) async throws {
        try await sandbox.run("ip", "-n", name, "link", "set", "lo", "up")
        let file = sandbox.root.appending(path: "sudoers")
        try Data(sudo.rule(for: name).utf8).write(to: file)
        try await sandbox.run("install", "-m", "0440", file.path(), "/etc/sudoers.d/\(name)")
        try await sandbox.run(
            "sh",
            "-c",
            "echo \"$0:$1\" | chpasswd",
            name,
            Self.password,
        )
        try await sandbox.run("install", "-d", "-o", name, "-g", name, "\(home)/bin")
        try await sandbox.run("install", "-o", name, "-m", "0755", Binary.path, binary)
    }

    private func remove() async {
        let left = (try? await sandbox.run("ip", "netns", "pids", name)) ?? ""
        for process in left.split(separator: "\n").compactMap({ Int32($0) }) {
            kill(process, SIGKILL)
        }
        try? FileManager.default.removeItem(atPath: "/etc/sudoers.d/\(name)")
        _ = try? await sandbox.run("ip", "netns", "delete", name)
        try? FileManager.default.removeItem(atPath: "/etc/netns/\(name)")
        _ = try? await sandbox.run("userdel", "--remove", "--force", name)
    }

    private func tellLog() async {
        let log = (try? String(contentsOfFile: "\(state)/proxy.log", encoding: .utf8)) ?? ""
        Issue.record("proxy.log: \(log.suffix(2000))")
    }
}

extension PrivateMachine {
    /// Starts a program as root in this network.
    func startAsRoot(_ arguments: String...) throws -> Program {
        try sandbox.start(["ip", "netns", "exec", name] + arguments)
    }

    /// Starts `systemd-socket-activate`, which opens sockets and runs a program on first use.
    func startSockets(_ arguments: String...) throws -> Program {
        // Foundation takes a child for dead once that has closed what it inherited, as this one
        // does; the shell in between doesn't.
        let shell = ["sh", "-c", "\"$@\"; exit $?", "sh", "systemd-socket-activate"]
        return try sandbox.start(["ip", "netns", "exec", name] + shell + arguments)
    }

    @discardableResult
    func runAsRoot(_ arguments: String...) async throws -> Program.Result {
        try await sandbox.start(["ip", "netns", "exec", name] + arguments).finished()
    }

    /// Starts a program as the user in this network, with or without a terminal.
    func startAsUser(
        _ arguments: [String],
        atTerminal: Bool = false,
        environment: [String: String] = [:],
    ) throws -> Program {
        var variables = [
            "HOME": home, "USER": name, "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin",
            "PORTLESS_SYNC_HOSTS": "0", "NODE_PATH": sandbox.environment["NODE_PATH"] ?? "",
        ]
        variables.merge(environment) { $1 }
        let terminal = ["python3", Apps.path("terminal-run.py")]
        return try sandbox.start(
            ["ip", "netns", "exec", name, "setpriv", "--reuid", name, "--regid", name]
                + ["--init-groups", "env", "-i", "-C", home]
                + variables.map { "\($0.key)=\($0.value)" }
                + (atTerminal ? terminal : []) + arguments
        )
    }

    /// Runs `portless` as the user to its end.
    @discardableResult
    func portless(
        _ arguments: String...,
        atTerminal: Bool = false,
        environment: [String: String] = [:],
    ) async throws -> Program.Result {
        try await startAsUser(
            [binary] + arguments,
            atTerminal: atTerminal,
            environment: environment,
        ).finished()
    }

    /// The status that a URL answers with, asked from within; 0 where nothing does.
    func status(of url: String, _ extra: String...) async throws -> Int {
        let arguments =
            ["ip", "netns", "exec", name, "curl", "-ksS", "--noproxy", "*"]
            + ["--max-time", "10", "-o", "/dev/null", "-w", "%{http_code}"] + extra + [url]
        return Int(try await sandbox.start(arguments).finished().output) ?? 0
    }

    func stateFile(_ name: String) -> String {
        (try? String(contentsOfFile: "\(state)/\(name)", encoding: .utf8)) ?? ""
    }

    var proxyID: Int32? { Int32(stateFile("proxy.pid")) }
    var proxyDaemonID: Int32? { Sandbox.daemonID(in: stateFile("proxy.json")) }
}

extension Sandbox {
    /// Runs a system tool that has to succeed; the result is what it prints.
    @discardableResult
    func run(_ arguments: String...) async throws -> String { try await run(arguments) }

    @discardableResult
    func run(_ arguments: [String]) async throws -> String {
        let result = try await start(arguments).finished()
        guard result.status == 0 else {
            throw NeverHappened(description: "\(arguments): \(result.status) \(result.talk)")
        }
        return result.output
    }
}
