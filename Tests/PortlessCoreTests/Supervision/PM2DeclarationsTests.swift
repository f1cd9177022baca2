import SystemPackage
import TestSupport
import Testing

@testable import PortlessCore

@Suite struct PM2DeclarationsTests {
    private func read(
        _ text: String,
        _ environment: [String: String] = [:],
        name: String? = nil,
        more: [String: String] = [:],
    ) throws -> DeclaredProcesses? {
        try TemporaryDirectory.with { root in
            try root.write("ecosystem.config.js", text)
            for (file, content) in more { try root.write(file, content) }
            let declared = try PM2Declarations.read(
                root: root,
                files: .directory(root),
                environment: environment,
                environmentName: name,
            )
            // The folder's name is another one each time.
            return declared.map { declared in
                var declared = declared
                for index in declared.processes.indices {
                    let process = declared.processes[index]
                    declared.processes[index].command = process.command.map {
                        $0.replacing(root.string, with: "/root")
                    }
                }
                return declared
            }
        }
    }

    @Test func `every key means what it means to PM2`() throws {
        let declared = try read(
            """
            module.exports = { apps: [{
              name: 'api', script: './server.js', args: "--a 'b c'", node_args: ['--inspect'],
              autorestart: false, max_restarts: 5, min_uptime: '10s', restart_delay: 4000,
              exp_backoff_restart_delay: 100, max_memory_restart: '300M', kill_timeout: 3000,
              out_file: 'logs/out.log', stop_exit_codes: [0, 2], instances: 2,
              env: { PORT: 5570, FLAG: true }, env_production: { FLAG: 'prod' },
            }] };
            """,
            name: "production",
            more: ["server.js": ""],
        )
        let process = try #require(declared?.processes.first)
        #expect(
            process.command == ["node", "--inspect", "/root/server.js", "--a", "b c"]
        )
        #expect(!process.restart.isAutomatic)
        #expect(process.restart.limit == 5)
        #expect(process.restart.minimumUptime == .seconds(10))
        #expect(process.restart.delay == .seconds(4))
        #expect(process.restart.backoff == .milliseconds(100))
        #expect(process.restart.finalCodes == [0, 2])
        #expect(process.memoryLimit == 300 << 20)
        #expect(process.killTimeout == .seconds(3))
        #expect(process.outputFile?.string.hasSuffix("/logs/out.log") == true)
        #expect(process.environment == ["PORT": "5570", "FLAG": "prod"])
        #expect(process.instances == 2)
    }

    @Test func `PM2's defaults hold where nothing is said`() throws {
        let process = try #require(try read("module.exports = [{ script: 'npm' }]")?.processes[0])
        #expect(process.name == "npm")
        #expect(process.command == ["npm"])
        #expect(process.restart == RestartSettings())
        #expect(process.restart.limit == 16)
        #expect(process.restart.minimumUptime == .seconds(1))
        #expect(process.killTimeout == .milliseconds(1600))
    }

    @Test(arguments: [
        ("script: 'w.py'", ["python3", "w.py"]),
        ("script: 'w.py', interpreter: 'python3.11'", ["python3.11", "w.py"]),
        ("script: './run', interpreter: 'none'", ["./run"]),
        ("script: 'npm run dev', args: ['a b']", ["sh", "-c", "npm run dev 'a b'"]),
    ])
    func `the command is the one that PM2 would run`(fields: String, command: [String]) throws {
        let declared = try read("module.exports = { apps: [{ name: 'x', \(fields) }] }")
        #expect(declared?.processes.first?.command == command)
    }

    @Test func `what isn't supported is named in one line`() throws {
        let declared = try read(
            """
            module.exports = { apps: [
              { name: 'a', script: 'a.js', watch: true, cron_restart: '0 0 * * *' },
              { name: 'b', script: 'b.js', watch: ['src'], exec_mode: 'cluster', instances: 'max' },
              { name: 'c', script: 'c.js', watch: false },
            ] };
            """
        )
        #expect(
            declared?.notes == [
                """
                Not supported, and so without effect: cron_restart (a), watch (a, b), \
                exec_mode cluster (b), instances max (b).
                """
            ]
        )
    }

    @Test func `a value that only a run would tell is refused with its place`() throws {
        #expect {
            try read(
                """
                const secret = require('vault').get();
                module.exports = { apps: [
                  { name: 'a', script: 'a.js', env: { KEY: secret } },
                ] };
                """
            )
        } throws: { error in
            "\(error)".contains("env.KEY") && "\(error)".contains("ecosystem.config.js:1")
        }
    }

    @Test func `variables come from the caller, ports never do`() throws {
        let text = """
            module.exports = { apps: [{ name: 'a', script: 'a.js', env: {
              MODE: process.env.MODE || 'dev', PORT: process.env.PORT || 5570,
              MISSING: process.env.MISSING,
            } }] };
            """
        let caller = ["MODE": "test", "PORT": "9999"]
        let process = try #require(try read(text, caller)?.processes.first)
        #expect(process.environment == ["MODE": "test", "PORT": "5570"])
    }

    @Test(arguments: [
        ("10s", Duration.seconds(10)), ("1500", .milliseconds(1500)), ("2m", .seconds(120)),
        ("1h", .seconds(3600)), ("250ms", .milliseconds(250)), ("1.5s", .milliseconds(1500)),
    ])
    func `times are read as PM2 reads them`(text: String, duration: Duration) {
        #expect(PM2Units.duration(text) == duration)
    }

    @Test(arguments: [
        ("300M", 314_572_800), ("1G", 1_073_741_824), ("512", 512), ("2KB", 2048),
    ])
    func `sizes are read as PM2 reads them`(text: String, bytes: Int64) {
        #expect(PM2Units.bytes(text) == bytes)
    }

    @Test(arguments: ["", "x", "-1s", "10 parsecs"])
    func `what is no time is none`(text: String) {
        #expect(PM2Units.duration(text) == nil)
    }
}
