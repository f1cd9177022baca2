import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Projects

@Suite struct PM2DeclarationsTests {
    private func read(
        _ text: String,
        _ environment: [String: String] = [:],
        name: String? = nil,
        more: [String: String] = [:],
        user: User? = nil,
    ) throws -> DeclaredProcesses? {
        try TemporaryDirectory.with { root in
            try root.write("ecosystem.config.js", text)
            for (file, content) in more { try root.write(file, content) }
            let declared = try ProjectReading(
                root: root,
                files: .directory(root),
                .init(environment: environment, environmentName: name, user: user),
            ).declared
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

    @Test func `every key that is without effect here is named, and no other`() throws {
        let declared = try read(
            """
            module.exports = [{
              name: 'a', script: 'npm', instances: 2, out_file: 'o', merge_logs: false,
              log_file: 'all.log', time: true, treekill: false, listen_timeout: 3000,
              shutdown_with_message: true, source_map_support: true, uid: 'www-data',
            }, {
              name: 'b', script: 'npm', out_file: 'o', merge_logs: false, log_file: '/dev/null',
              time: false, treekill: true, namespace: 'default', uid: 501, instance_var: 'N',
            }]
            """,
            user: User(name: "me", uid: 501, gid: 20, home: "/home/me"),
        )
        #expect(
            declared?.notes == [
                """
                Not supported, and so without effect: listen_timeout (a), \
                shutdown_with_message (a), log_file (a), time (a), source_map_support (a), \
                treekill: false (a), merge_logs: false (a), uid www-data (a).
                """
            ]
        )
        #expect(declared?.processes.map(\.numberVariable) == [nil, "N"])
        #expect(declared?.processes.allSatisfy { $0.obstacle == nil } == true)
    }

    @Test func `what asks for another user isn't started as root`() throws {
        let root = User(name: "root", uid: 0, gid: 0, home: "/root")
        let declared = try read(
            "module.exports = [\n{ script: 'npm', uid: 'www-data' }, { script: 'x', uid: 0 }]",
            user: root,
        )
        let obstacle = try #require(declared?.processes[0].obstacle)
        #expect("\(obstacle)".contains(#"uid "www-data" (ecosystem.config.js:2)"#))
        #expect(declared?.processes[1].obstacle == nil)
    }

    @Test func `files for the output stand in the process's folder, or at home`() throws {
        let declared = try read(
            """
            module.exports = [
              { name: 'a', script: 'npm', cwd: 'sub', out_file: 'logs/o', error_file: '~/e' },
              { name: 'b', script: 'npm', cwd: '~/b', out_file: '/dev/null', error_file: 'NULL' },
            ]
            """,
            ["HOME": "/home/me"],
        )
        let processes = try #require(declared?.processes)
        #expect(processes[0].outputFile?.string.hasSuffix("/sub/logs/o") == true)
        #expect(processes[0].errorFile == "/home/me/e")
        #expect(processes[1].directory == "/home/me/b")
        #expect(processes[1].outputFile == nil)
        #expect(processes[1].errorFile == nil)
    }

    @Test(arguments: [
        ("'./dist/server.js'", "/dist/server.js", "built"),
        ("'server.js'", "/server.js", "built"),
        ("'node_modules/.bin/vite'", "/node_modules/.bin/vite", "installed"),
    ])
    func `a script that isn't there is named with its place`(
        script: String,
        path: String,
        remedy: String,
    ) throws {
        let text = "module.exports = [{\n  name: 'my web',\n  script: \(script) }]"
        let obstacle = try #require(try read(text)?.processes[0].obstacle)
        #expect("\(obstacle)".hasPrefix(#""my web" can't start: /"#))
        #expect("\(obstacle)".contains("\(path), which ecosystem.config.js:3 names, isn't there"))
        #expect("\(obstacle)".hasSuffix("Was it \(remedy)?"))
    }

    @Test(arguments: ["'npm'", "'sleep 820'", "'./here.js'", "'here'", "'.'", "'python3.11'"])
    func `what is there, and what may be a program or a command line, can start`(
        script: String
    ) throws {
        let declared = try read(
            "module.exports = [{ name: 'x', script: \(script) }]",
            more: ["here.js": "", "here": ""],
        )
        let process = try #require(declared?.processes.first)
        #expect(process.obstacle == nil)
    }

    @Test func `two processes of one name are refused with both places`() throws {
        var same = try #require(
            try read("module.exports = [\n{name: 'j', script: 'x'},\n{name: 'j', script: 'y'}]")
        )
        #expect {
            try same.apply([], root: "/")
        } throws: { error in
            "\(error)" == """
                "j" (ecosystem.config.js:2) and "j" (ecosystem.config.js:3) would both run as "j". \
                Give one of them another name.
                """
        }
        var alike = try #require(
            try read("module.exports = [{name: 'a b', script: 'x'}, {name: 'a-b', script: 'y'}]")
        )
        #expect {
            try alike.apply([], root: "/")
        } throws: { error in
            "\(error)".hasPrefix(#""a b" (ecosystem.config.js:1) and "a-b""#)
        }
    }

    @Test func `objects and lists in the environment are passed as JSON`() throws {
        let text = """
            module.exports = [{ script: 'npm', env: {
              LIST: [1, 'two', null], NESTED: { a: { b: true }, no: undefined, "c d": "\\"" },
            } }]
            """
        let process = try #require(try read(text)?.processes[0])
        #expect(
            process.environment == [
                "LIST": #"[1,"two",null]"#, "NESTED": #"{"a":{"b":true},"c d":"\""}"#,
            ]
        )
    }

    @Test func `the environments that may be chosen are known, and PM2's port is PORT`() throws {
        let text = """
            module.exports = [
              { name: 'a', script: 'npm', port: 4000, env_staging: {}, env_file: '.env' },
              { name: 'b', script: 'npm', env_staging: {}, env_production: {} },
            ]
            """
        let declared = try #require(try read(text))
        #expect(declared.environments == ["staging", "production"])
        #expect(declared.processes[0].environment == ["PORT": "4000"])
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
