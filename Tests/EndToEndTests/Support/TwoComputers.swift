import Foundation
import Testing

/// Two computers on one network, each with an Avahi of its own, which only root can make.
struct TwoComputers: Sendable {
    static let isPossible =
        getuid() == 0
        && ["/usr/sbin/avahi-daemon", "/usr/bin/dbus-daemon", "/usr/bin/avahi-resolve"]
            .allSatisfy { FileManager.default.isExecutableFile(atPath: $0) }

    /// A network and a `/run` of its own.
    struct Computer: Sendable {
        let sandbox: Sandbox
        let process: Int32
        let address: String

        /// Starts a program there, in the project's folder.
        func start(_ arguments: [String]) throws -> Program {
            try sandbox.start(
                ["nsenter", "-t", "\(process)", "-m", "-n", "--", "env", "-C"]
                    + [sandbox.project.path()] + arguments
            )
        }

        @discardableResult
        func run(_ arguments: String...) async throws -> Program.Result {
            try await start(arguments).finished()
        }

        func portless(_ arguments: String...) async throws -> Program.Result {
            try await start([Binary.path] + arguments).finished()
        }

        /// Changes its address, or takes it away.
        func move(from old: String?, to new: String?) async throws {
            for (word, address) in [("del", old), ("add", new)] {
                guard let address else { continue }
                let result = try await run("ip", "addr", word, "\(address)/24", "dev", "lan0")
                #expect(result.status == 0, "\(result.talk)")
            }
        }

        /// The IPv4 address that multicast DNS has for a name; nil where it has none.
        func address(of name: String) async throws -> String? {
            let answer = try await run("avahi-resolve", "-4", "-n", name)
            let words = answer.output.split { $0 == "\t" || $0 == "\n" }
            return words.count == 2 ? String(words[1]) : nil
        }
    }

    /// The one that Portless runs on, and the one that looks at it.
    let here: Computer
    let there: Computer

    static func with(_ body: (Sandbox, TwoComputers) async throws -> Void) async throws {
        try await Sandbox.with { sandbox in
            var programs: [Program] = []
            defer {
                for program in programs.reversed() { program.send(SIGTERM) }
            }
            var computers: [Computer] = []
            for number in 1...2 {
                let program = try sandbox.start([
                    "unshare", "-m", "-n", "--propagation", "private", "sleep", "600",
                ])
                programs.append(program)
                computers.append(
                    Computer(
                        sandbox: sandbox,
                        process: program.processID,
                        address: "10.77.0.\(number)",
                    )
                )
            }
            for program in programs {
                try await eventually("a network of its own") {
                    let own = try? FileManager.default.destinationOfSymbolicLink(
                        atPath: "/proc/\(program.processID)/ns/net"
                    )
                    let ours = try? FileManager.default.destinationOfSymbolicLink(
                        atPath: "/proc/self/ns/net"
                    )
                    return own != nil && own != ours ? () : nil
                }
            }
            let link = try await sandbox.start([
                "ip", "link", "add", "lan0", "netns", "\(computers[0].process)", "type", "veth",
                "peer", "name", "lan0", "netns", "\(computers[1].process)",
            ]).finished()
            try #require(link.status == 0, "\(link.talk)")
            for computer in computers { programs += try await prepare(computer) }
            try await body(sandbox, TwoComputers(here: computers[0], there: computers[1]))
        }
    }

    /// Foundation takes a child for dead once that has closed what it inherited, as daemons do; the
    /// shell in between doesn't.
    private static let shell = [
        "sh", "-c", "\"$@\" & daemon=$!; trap 'kill $daemon' TERM; wait $daemon", "sh",
    ]

    private static func prepare(_ computer: Computer) async throws -> [Program] {
        let file = computer.sandbox.root.appending(path: "avahi-\(computer.process).conf")
        try Data(
            """
            [server]
            host-name=computer-\(computer.process)
            use-ipv4=yes
            use-ipv6=no
            allow-interfaces=lan0
            enable-dbus=yes

            """.utf8
        ).write(to: file)
        let setUp = try await computer.run(
            "sh",
            "-ec",
            """
            mount -t tmpfs tmpfs /run
            mkdir -p /run/dbus /run/avahi-daemon
            ip link set lo up
            ip link set lan0 up
            ip addr add \(computer.address)/24 dev lan0
            """,
        )
        try #require(setUp.status == 0, "\(setUp.talk)")
        let bus = try computer.start(
            Self.shell + [
                "dbus-daemon", "--system", "--nofork", "--nopidfile", "--nosyslog",
            ]
        )
        try await exists("/run/dbus/system_bus_socket", computer, bus)
        let daemon = try computer.start(
            Self.shell + [
                "/usr/sbin/avahi-daemon", "--no-drop-root", "--no-chroot", "-f", file.path(),
            ]
        )
        try await daemon.waitForTalk("startup complete")
        return [bus, daemon]
    }

    private static func exists(
        _ path: String,
        _ computer: Computer,
        _ program: Program,
    )
        async throws
    {
        try await eventually("\(path); \(program.talk)") {
            try await computer.run("test", "-e", path).status == 0 ? () : nil
        }
    }
}
