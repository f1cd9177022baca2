import PortlessCore
import SystemPackage
import Testing

@testable import Machine

@Suite struct SystemdUnitsTests {
    static func job(
        _ scope: ServiceJob.Scope = .user,
        program: FilePath = "/usr/local/bin/portless",
        arguments: [String] = ["proxy", "start", "--foreground", "--port", "443", "--https"],
        environment: [String: String] = ["PORTLESS_STATE_DIR": "/home/ada/.portless"],
    ) -> ServiceJob {
        var job = ServiceJob(
            .proxy,
            scope,
            program: program,
            arguments: arguments,
            environment: environment,
            log: "/home/ada/.portless/service.log",
        )
        guard scope == .system else { return job }
        job.user = "ada"
        job.sockets = [
            .init(name: "https", port: 443, addresses: ["127.0.0.1", "::1"]),
            .init(name: "http", port: 80, addresses: ["127.0.0.1", "::1"]),
        ]
        return job
    }

    private func texts(_ job: ServiceJob) throws -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: try SystemdUnits.texts(of: job).map { ($0.name, $0.text) }
        )
    }

    @Test func `the system opens the ports, and the proxy runs as the user`() throws {
        let units = try texts(Self.job(.system))
        let mark = SystemdUnits.mark
        #expect(
            units["portless.service"] == """
                \(mark)
                [Unit]
                Description=Portless proxy
                Requires=portless.socket
                After=network.target portless.socket portless-redirect.socket
                StartLimitIntervalSec=60
                StartLimitBurst=5

                [Service]
                Type=notify
                NotifyAccess=main
                User=ada
                Sockets=portless.socket portless-redirect.socket
                Environment="PORTLESS_STATE_DIR=/home/ada/.portless"
                ExecStart=/usr/local/bin/portless proxy start --foreground --port 443 --https
                Restart=on-failure
                RestartSec=2
                KillSignal=SIGTERM
                KillMode=mixed
                TimeoutStartSec=30
                TimeoutStopSec=10

                [Install]
                WantedBy=multi-user.target

                """
        )
        #expect(
            units["portless-redirect.socket"] == """
                \(mark)
                [Unit]
                Description=Port 80 of the Portless proxy

                [Socket]
                ListenStream=127.0.0.1:80
                ListenStream=[::1]:80
                FileDescriptorName=http
                Service=portless.service

                [Install]
                WantedBy=sockets.target

                """
        )
        #expect(units["portless.socket"]?.contains("ListenStream=[::1]:443\n") == true)
    }

    @Test func `a service of the login has no socket and no user`() throws {
        let units = try texts(Self.job(.user))
        #expect(Array(units.keys) == ["portless.service"])
        #expect(units["portless.service"]?.contains("User=") == false)
        #expect(units["portless.service"]?.contains("WantedBy=default.target") == true)
    }

    @Test func `apps go on under their keepers when the server's service stops`() throws {
        var job = Self.job()
        job.daemon = .server
        let unit = try texts(job)["portless-server.service"]
        #expect(unit?.contains("KillMode=process\nOOMPolicy=continue\n") == true)
    }

    /// Texts that mean something to systemd.
    private static let strange = [
        "/home/ada b/x", "%h/50%", "$HOME ${HOME}", #"a\b"#, #"say "hi""#, "it's", "größe 日本", "",
        "a;b", ";", "#x", "-", "@x", "\\", "a=b", "$$", "%%",
    ]

    @Test(arguments: strange)
    func `what systemd reads differently is quoted, and read back as it was`(text: String) throws {
        let job = Self.job(
            program: FilePath("/opt/" + text.filter { !"\"'\\".contains($0) } + "/portless"),
            arguments: ["proxy", "start", text, "--tld", text],
            environment: ["A": text, "PORTLESS_STATE_DIR": text],
        )
        let unit = SystemdUnit(parsing: try #require(try texts(job)["portless.service"]))
        #expect(unit.command == [job.program.string] + job.arguments)
        #expect(unit.environment == job.environment)
    }

    @Test func `percent, dollar and quotes are escaped as systemd wants it`() {
        #expect(SystemdWord.command("/a b%", ["$x", "c\"d"]) == #""/a b%%" $$x "c\"d""#)
        #expect(SystemdWord.command("/a$b", ["x"]) == #""@/a$b" portless x"#)
    }

    @Test(arguments: ["/a\"b", "/it's/portless", "/a\\b"])
    func `a path that systemd runs no program by is refused`(path: String) {
        let job = Self.job(program: FilePath(path))
        #expect(throws: ServiceError.unusableProgram(job.program)) {
            try SystemdUnits.texts(of: job)
        }
    }

    @Test(arguments: ["a\nExecStart=/bin/rm", "a\rb", "a\u{0}b", "a\u{1B}[2J", "\u{7F}"])
    func `a line break or control character is refused wherever it stands`(text: String) {
        let jobs = [
            Self.job(program: FilePath("/opt/x" + text.replacing("\u{0}", with: "\n"))),
            Self.job(arguments: ["proxy", "start", text]),
            Self.job(environment: ["A": text]), Self.job(environment: [text: "a"]),
        ]
        for job in jobs {
            #expect(throws: ServiceError.self) { try SystemdUnits.texts(of: job) }
            #expect(throws: ServiceError.self) { try LaunchdJob.text(of: job) }
        }
    }
}

@Suite struct SystemdUnitTests {
    @Test func `the npm original's unit is understood`() {
        let unit = SystemdUnit(
            parsing: """
                [Unit]
                Description=portless
                [Service]
                Type=simple
                Environment=PORTLESS_STATE_DIR="/home/ada/.portless"
                Environment=PORTLESS_PORT="443"
                ExecStart="/usr/bin/node" "/usr/lib/node_modules/portless/dist/cli.js" "proxy" "start" \
                "--foreground" "--port" "443" "--https" "--tld" "test" "--skip-trust"
                """
        )
        #expect(unit.environment["PORTLESS_STATE_DIR"] == "/home/ada/.portless")
        let arguments = InstalledService.arguments(of: unit.command, for: .proxy)
        #expect(arguments?.prefix(3) == ["--foreground", "--port", "443"])
    }

    @Test func `comments, continued lines and other sections don't disturb`() {
        let unit = SystemdUnit(
            parsing: "#[Service]\n[Unit]\nExecStart=/no\n [Service] \n; x\n"
                + "ExecStart=/a  'b c' \\\n# between\n   d\\x\nUser=ada\nJunk\n=\n"
        )
        #expect(unit.command == ["/a", "b c", "dx"])
        #expect(unit.user == "ada")
    }

    @Test(arguments: ["", "\\", "[Service]\nExecStart=", "[Service]\nExecStart=\"", "[\n]=\\\n\\"])
    func `a broken file is an empty service`(text: String) {
        #expect(SystemdUnit(parsing: text).environment.isEmpty)
        let command = SystemdUnit(parsing: text).command
        #expect(InstalledService.arguments(of: command, for: .proxy) == nil)
    }
}
