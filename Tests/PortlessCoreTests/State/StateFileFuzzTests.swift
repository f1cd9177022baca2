import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

/// State files with any content: what can't be understood is an error or absent, never a trap.
@Suite(.serialized) struct StateFileFuzzTests {
    private static let words = [
        "{", "}", "[", "]", ",", "\"", "null", "true", "1e400", "9e18", "-9e18", "-1",
        "9223372036854775807", "-9223372036854775808", "99999999999999999999", "2147483648",
        "65536", "0.5", "\"\"", "{}", "[]", "\"port\":", "\"pid\":", "\\u0000", "\0", "..", "/",
    ]

    /// Reads mutants of what a file can hold.
    private func fuzz(
        _ seeds: [String],
        _ name: String,
        rounds: Int = 200,
        _ read: (StateDirectory) throws -> Void,
    ) throws {
        try TemporaryDirectory.with { path in
            let directory = StateDirectory(path: path)
            for var round in Fuzzing.rounds(default: rounds) {
                let text = round.text(from: seeds, inserting: Self.words)
                try AtomicFile.writeInPlace(text.utf8, to: path.appending(name))
                do {
                    try read(directory)
                } catch {
                    // An error says which file it is.
                    let isNamed = "\(error)".contains(path.string)
                    #expect(isNamed, "\(round): \(error)")
                    if !isNamed { return }
                }
            }
        }
    }

    @Test func `the proxy's view of any routes`() throws {
        try fuzz(
            [
                """
                [{"hostname":"a.localhost","port":4001,"pid":1,"startTime":5,"pidNamespace":7},
                {"hostname":"b.localhost","port":4002,"pid":0,"protocol":"h2c","label":"api",
                "tailscaleUrl":"https://x.ts.net:8443/","tailscaleHttpsPort":443,"ngrokPid":2},3]
                """
            ],
            "routes.json",
        ) { directory in
            let file = RoutesFile(directory: directory) { _ in }
            for route in file.current().routes { _ = "\(route)" }
        }
    }

    @Test func `registered apps`() throws {
        try fuzz(
            [
                """
                {"version":1,"apps":{"id1":{"name":"shop","repoPath":"/p/shop","uiPort":5570,
                "processes":[{"name":"web","port":5571,"ports":{"ui":5570,"cdp":5572},
                "sources":[{"file":"a","line":3,"rule":"x"}]}],"archived":false}}}
                """
            ],
            "apps.json",
        ) { directory in
            for app in try AppRegistry(directory: directory).list() {
                _ = app.json(names: []).compact
                _ = app.processes.map(\.portText)
            }
        }
    }

    @Test func `leases and settings`() throws {
        try fuzz(
            [#"{"version":1,"leases":{"shop":{"ports":[{"label":"api","port":5570}]}}}"#],
            "ports.json",
        ) { directory in
            for lease in try LeaseStore(directory: directory).list() {
                _ = lease.json.compact
                for format in LeaseFormat.allCases { _ = format.text(of: lease) }
            }
        }
        try fuzz([#"{"ports":{"ranges":["5570-5599","20000-29999"]}}"#], "config.json") {
            _ = try PortSettings.read(from: $0)
        }
    }

    @Test func `remembered ports`() throws {
        let name = try #require(Hostname("a.localhost"))
        try fuzz([#"{"a.localhost":4001,"b.localhost":4002}"#], "ports-memory.json") {
            directory in
            var memory = PortMemory(reading: directory)
            _ = (memory[name], memory.ports())
            memory.remember(4005, for: name)
            try memory.save(to: directory)
        }
    }

    @Test func `the server's record`() throws {
        try fuzz(
            [
                """
                {"version":"1","host":"127.0.0.1","port":5555,"tls":true,"mirrorPort":5553,
                "socket":"/s","pid":5,"startTime":6,"pidNamespace":7}
                """
            ],
            "server.json",
        ) { _ = try $0.serverRecord()?.json.compact }
    }

    @Test(arguments: [
        "proxy.pid", "proxy.port", "proxy.tls", "proxy.tlds", "proxy.tld", "proxy.lan",
        "proxy.json",
    ])
    func `the proxy's markers`(name: String) throws {
        let seeds = [
            "123\n", "1355", "1", "localhost\ntest\n", #"["localhost","test"]"#, "192.168.1.2",
            #"{"version":"1","pid":7,"startTime":1}"#,
        ]
        try fuzz(seeds, name, rounds: 60) { directory in
            let markers = try directory.proxyMarkers()
            // To the system, other numbers mean groups of processes.
            #expect(markers.process.map { $0.pid > 0 } ?? true)
        }
    }

    @Test func `a file can't be written that can't be read`() throws {
        try TemporaryDirectory.with { path in
            let registry = AppRegistry(directory: StateDirectory(path: path))
            try registry.add(RegisteredApp(id: "a", record: ["name": .string("a")]))
            var deep = JSONValue.null
            for _ in 0..<127 { deep = .array([deep]) }
            #expect(throws: AppRegistry.Failure.self) {
                try registry.add(RegisteredApp(id: "b", record: ["x": deep]))
            }
            #expect(try registry.list().map(\.id) == ["a"])
        }
    }
}
