import PortlessCore
import SystemPackage
import Testing

@testable import Projects

/// Small projects of the kinds that people have, written into the tests.
struct SmallProjectsTests {
    /// The rows of what is found, each as "process label port", or the name of a process alone.
    private func rows(_ files: [String: String]) -> [String] {
        let detected = SmallProject.detect(files)
        return (detected.processes + detected.withoutPort).flatMap { process in
            process.sources.isEmpty
                ? [process.name]
                : process.ports.map { "\(process.name) \($0.label) \($0.port)" }
        }
    }

    private func reasons(_ files: [String: String]) -> [String] {
        SmallProject.detect(files).unresolved.map { "\($0.file):\($0.line): \($0.reason)" }
    }

    // MARK: Commands

    @Test func `a variable that a line exports is its server's`() {
        let scripts = [
            "export PORT=3007 && react-scripts start", "export PORT=3007; next dev",
            "export PORT=3007 && tsc && next start",
        ]
        for script in scripts {
            let files = ["package.json": #"{"name":"a","scripts":{"dev":"\#(script)"}}"#]
            #expect(rows(files) == ["a ui 3007"])
        }
    }

    @Test func `what set says counts on Windows only`() {
        let manifest = #"{"name":"a","scripts":{"dev":"set PORT=3001 && react-scripts start"}}"#
        #expect(!rows(["package.json": manifest]).contains("a ui 3001"))
        #expect(
            reasons(["package.json": manifest]) == [
                "package.json:1: \"set PORT=3001\" sets the port on Windows only"
            ]
        )
    }

    @Test(arguments: [
        "bundle exec sidekiq", "celery -A shop worker", "bin/rails jobs:work", "rq worker high",
        "bundle exec good_job start", "bundle exec rake resque:work",
    ])
    func `a worker listens nowhere, whatever its PORT is for`(command: String) {
        let procfile = "web: PORT=3000 node server.js\nbackground: PORT=3000 \(command)\n"
        #expect(rows(["Procfile": procfile]) == ["web ui 3000", "background"])
        let detected = SmallProject.detect(["Procfile": procfile])
        let check = PortCheck([.init(path: ".", detected: detected)], systemEphemeral: nil)
        #expect(check.findings.isEmpty)
    }

    @Test func `a database on its own port is no surprise to other programs`() {
        let detected = SmallProject.detect(["Procfile": "cache: redis-server --port 6379\n"])
        let check = PortCheck([.init(path: ".", detected: detected)], systemEphemeral: nil)
        #expect(detected.processes.first?.port == Port(6379))
        #expect(check.findings.isEmpty)
    }

    // MARK: Servers without a known port

    @Test func `what serves is listed without a port, too`() {
        let files = [
            "package.json": """
            {"name":"shop","scripts":{"dev":"concurrently \\"npm:client\\" \\"npm:server\\"",
            "client":"npm --prefix client run dev","server":"npm --prefix server run dev"}}
            """,
            "client/package.json": #"{"name":"client","scripts":{"dev":"vite"}}"#,
            "server/package.json": #"{"name":"server","scripts":{"dev":"nodemon index.js"}}"#,
            "lib/package.json": #"{"name":"lib","scripts":{"dev":"tsc -w"}}"#,
        ]
        #expect(rows(files) == ["client", "server"])
        #expect(reasons(files).allSatisfy { !$0.contains("isn't read") })
    }

    @Test func `pages beside an API keep the project's name`() {
        let manifest = """
            {"name":"log","scripts":{"start":"react-scripts start",
            "data":"json-server db.json --port 5055","dev":"concurrently npm:start npm:data"}}
            """
        #expect(rows(["package.json": manifest]) == ["log-api api 5055", "log"])
    }

    @Test func `the server beside a front end of another folder has the PORT of its file`() {
        let files = [
            "package.json": """
            {"name":"mall","scripts":{"server":"nodemon backend/server",
            "client":"npm start --prefix frontend",
            "dev":"concurrently \\"npm run server\\" \\"npm run client\\""}}
            """,
            ".env": "PORT=5057\n",
            "frontend/package.json":
                #"{"name":"frontend","scripts":{"start":"react-scripts start"}}"#,
        ]
        #expect(rows(files).contains("mall api 5057"))
        #expect(rows(files).contains("frontend"))
    }

    @Test func `what two scripts start is one process`() {
        let files = [
            "package.json":
                #"{"name":"y","scripts":{"start:prod":"npm --prefix s run start:prod"}}"#,
            "s/package.json": """
            {"name":"s","scripts":{"dev":"node a.js --port 4611","start:prod":"PORT=4612 node a.js"}}
            """,
        ]
        #expect(rows(files) == ["s api 4611", "s-prod api 4612"])
    }

    // MARK: Other files

    @Test(arguments: [
        ("application.properties", "# x\nserver.port = 9011\n"),
        ("application.yml", "server:\n  port: 9011\n"),
        ("application.yaml", "server:\n  port: ${PORT:9011}\n"),
    ])
    func `Spring's own file gives the port`(name: String, text: String) {
        let files = ["api/pom.xml": "", "api/src/main/resources/\(name)": text]
        #expect(rows(files) == ["api api 9011"])
    }

    @Test func `Flask's, Deno's, Nx' and Composer's files give ports`() {
        #expect(rows([".flaskenv": "FLASK_RUN_PORT=5051\n"]) == ["app api 5051"])
        let deno = #"{"name":"d","tasks":{"dev":{"command":"deno serve --port 8051 a.ts"}}}"#
        #expect(rows(["deno.json": deno]) == ["app api 8051"])
        let nx = """
            {"name":"cart","targets":{"serve":{"executor":"@nx/webpack:dev-server",
            "options":{"port":4251}}}}
            """
        #expect(rows(["apps/cart/project.json": nx]) == ["cart ui 4251"])
        let composer =
            #"{"scripts":{"dev":["A\\B::c","npx concurrently \"php artisan serve --port=8052\" \"npm run dev\""]}}"#
        let files = [
            "composer.json": composer,
            "package.json": #"{"name":"shop","scripts":{"dev":"vite"}}"#,
        ]
        #expect(rows(files) == ["shop-server api 8052", "shop"])
    }

    @Test(arguments: [
        ("port 4052", "4052"), (#"port ENV.fetch("PORT", 4052)"#, "4052"),
        (#"port ENV.fetch("PORT") { 4052 }"#, "4052"), (#"port(ENV['PORT'] || 4052) # x"#, "4052"),
    ])
    func `puma's own file gives the port`(line: String, port: String) {
        let files = [
            "Procfile": "web: bundle exec puma -C config/puma.rb\n",
            "config/puma.rb": "threads 1, 5\n\(line)\nworkers 2\n",
        ]
        #expect(rows(files) == ["web ui \(port)"])
        let unknown = files.merging(["config/puma.rb": "port compute(2)\n"]) { $1 }
        #expect(rows(unknown) == ["web"])
        #expect(reasons(unknown).count == 1)
    }

    @Test func `a Python package is a part of the program above it`() {
        var files = [
            "Dockerfile": "FROM python\nEXPOSE 8000\n",
            "app/main.py": "import uvicorn\nuvicorn.run(app, port=8002)\n",
        ]
        #expect(reasons(files).contains { $0.hasPrefix("app/main.py:2") })
        files["app/__init__.py"] = ""
        #expect(reasons(files).isEmpty)
    }

    @Test(arguments: [
        ("config/dev.exs", "config :a, http: [port: 4000]\n"),
        ("Caddyfile", "localhost:1560 {\n}\n"),
        ("Makefile", "run:\n\tpython manage.py runserver 8001\n"),
        ("main.py", "import uvicorn\nuvicorn.run(app, port=8002)\n"),
        ("docker/compose.yaml", "services: {}\n"),
    ])
    func `a file that isn't read but may declare a port is named`(name: String, text: String) {
        #expect(reasons([name: text]).count == 1)
        #expect(reasons([name: text]).first?.hasPrefix(name) == true)
    }

    @Test func `a project with a process manager's file names unread files, too`() {
        let makefile = ["Makefile": "run:\n\tpython manage.py runserver 8001\n"]
        let procfile = ["Procfile": "web: make run\n"]
        #expect(reasons(makefile.merging(procfile) { $1 }).first?.hasPrefix("Makefile:2") == true)
        let program = "app.run(port=int(os.environ.get(\"PORT\", 5000)))\n"
        #expect(reasons(["Procfile": "web: python app.py\n", "app.py": program]).isEmpty)
        let known = ["Procfile": "web: python manage.py runserver 8001\n"]
        #expect(reasons(makefile.merging(known) { $1 }).isEmpty)
    }

    @Test(arguments: [
        ("config :a, A.Endpoint,\n  http: [ip: {127, 0, 0, 1}, port: 4017],\n", 4017),
        ("  http: [\n    # port: 1\n    port: 4018\n  ],\n  https: [port: 4019]\n", 4018),
        ("  http: [port: String.to_integer(System.get_env(\"PORT\") || \"4020\")]\n", 4020),
        ("  http: [port: System.get_env(\"PORT\", \"4021\")]\n", 4021),
    ])
    func `Phoenix listens where its development configuration says`(text: String, port: Int) {
        let files = ["mix.exs": "", "config/dev.exs": text]
        let detected = SmallProject.detect(files)
        #expect(detected.processes.map(\.port?.number) == [port])
        #expect(detected.unresolved.isEmpty)
        let pages = SmallProject.detect(files.merging(["assets/js/app.js": ""]) { $1 })
        #expect(pages.processes.first?.ports.first?.label == "ui")
    }

    @Test func `Phoenix' TLS port alone is none of its HTTP port`() {
        let files = ["mix.exs": "", "config/dev.exs": "  https: [port: 4019]\n"]
        #expect(SmallProject.detect(files).processes.isEmpty)
    }

    @Test func `an image that listens elsewhere than it exposes is named`() {
        let start = "CMD [\"uvicorn\", \"a:app\", \"--port\", \"8002\"]\n"
        #expect(
            reasons(["Dockerfile": "FROM x\nEXPOSE 8001\n" + start]) == [
                "Dockerfile:3: the container listens on 8002, but EXPOSE says 8001"
            ]
        )
        #expect(reasons(["Dockerfile": "FROM x\nEXPOSE 8002\n" + start]).isEmpty)
    }

    @Test func `--http-addr is where a server listens`() {
        let files = ["Procfile": "web: ./server --http-addr :8017\n"]
        #expect(rows(files) == ["web ui 8017"])
    }

    @Test func `the answer without ports says which files were read`() {
        let detected = SmallProject.detect(["package.json": "{}", ".env": "A=1\n"])
        #expect(
            detected.whyEmpty(in: "/app")
                == "No ports are declared in these files of /app: .env, package.json."
        )
    }

    // MARK: Compose

    @Test func `variables that only compose reads are those of its services`() {
        let files = [
            "compose.yaml": """
            services:
              api: { build: ./api, ports: ["${API_PORT}:3000"] }
              web: { build: ./web, ports: ["${WEB_PORT}:4000"] }
            """,
            ".env": "API_PORT=8451\nWEB_PORT=8452\n",
        ]
        #expect(rows(files) == ["api api 8451", "web ui 8452"])
    }

    @Test func `two services that publish one port are a finding`() {
        let text = """
            services:
              api: { build: ./api, ports: ["8470:3000", "8472:80"] }
              web: { build: ./web, ports: ["8470:4000", "8472:80/udp"] }
              cache: { image: redis, ports: ["8471:6379"] }
              queue: { image: redis, ports: ["8471:6379"] }
            """
        let detected = SmallProject.detect(["compose.yaml": text])
        let check = PortCheck([.init(path: ".", detected: detected)], systemEphemeral: nil)
        #expect(
            check.findings.filter { $0.rule == .duplicateProcess }.map(\.text) == [
                "compose.yaml:3: warning: port 8470 is also what api publishes, at compose.yaml:2: only one of them can start [duplicate-process]",
                "compose.yaml:5: warning: port 8471 is also what cache publishes, at compose.yaml:4: only one of them can start [duplicate-process]",
            ]
        )
    }

    @Test func `a package that a service is built of is that service`() {
        let files = [
            "compose.yaml": """
            services:
              backend: { build: ./b, ports: ["8454:8080", "9229:9229"] }
            """,
            "b/package.json": """
            {"name":"shop","scripts":{"dev":"nodemon index.js",
            "start-watch":"nodemon index.js --inspect=0.0.0.0:9229"}}
            """,
        ]
        #expect(rows(files) == ["backend api 8454", "backend debug 9229"])
    }

    @Test func `a development compose file counts where it is alone`() {
        let text = "services:\n  web: { build: ., ports: [\"8453:80\"] }\n"
        #expect(rows(["docker-compose.dev.yml": text]) == ["web ui 8453"])
    }

    @Test func `services that people see are ui, and databases are dependencies`() {
        let text = """
            services:
              backend: { build: b, ports: ["8461:80"] }
              shop-app: { build: a, ports: ["8462:80"] }
              storefront: { build: s, ports: ["8463:80"] }
              vite: { image: "node:22", command: npm run dev, ports: ["8464:80"] }
              inspected: { build: i, ports: ["9230:9230", "9231:9231", "8465:8465"] }
              database: { image: "acme/store", ports: ["8466:5432"] }
              store: { image: "acme/store", ports: ["8467:5432"] }
            """
        #expect(
            rows(["compose.yaml": text]) == [
                "backend api 8461", "shop-app ui 8462", "storefront ui 8463", "vite ui 8464",
                "inspected debug 9230", "inspected debug9231 9231", "inspected api 8465",
            ]
        )
        let names = SmallProject.detect(["compose.yaml": text]).dependencies.map(\.name)
        #expect(names == ["database", "store"])
    }

    // MARK: PM2

    @Test func `a PM2 process whose name is unknown is called after its script`() {
        let file = """
            module.exports = { apps: [
              { name: process.env.APP_NAME, script: "./out/index.mjs", port: 3000 },
              { name: "", script: "jobs.js" },
            ] }
            """
        #expect(rows(["ecosystem.config.js": file]) == ["index api 3000", "jobs"])
        #expect(reasons(["ecosystem.config.js": file]).count == 1)
    }

    // MARK: Rows

    @Test func `one place that two readers find is one declaration`() {
        let files = [
            "package.json": #"{"name":"a","scripts":{"dev":"vite"}}"#,
            "vite.config.js": """
            import { defineConfig, loadEnv } from "vite";
            export default defineConfig(({ mode }) => {
              const env = loadEnv(mode, process.cwd(), "");
              return { server: { port: Number(env.VITE_PORT) } };
            });
            """,
            ".env": "VITE_PORT=3333\n",
        ]
        #expect(SmallProject.detect(files).processes.map(\.sources.count) == [1])
    }

    @Test func `a port has one row, with all its places`() {
        let file = """
            module.exports = { apps: [
              { name: "site", script: "next",
                args: "start -p 4601",
                env: { PORT: 4601 } },
            ] }
            """
        let text = SmallProject.detect(["ecosystem.config.js": file]).text
        #expect(text.contains("site     ui     4601  ecosystem.config.js:3, ecosystem.config.js:4"))
        #expect(text.split(separator: "\n").count == 2)
    }

    @Test(arguments: [
        "@ts-ignore", "eslint-disable-next-line no-undef", "prettier-ignore",
        "biome-ignore lint: x",
        "@type {import('vite').UserConfig}", "Options reference: https://pm2.io/doc/",
    ])
    func `a comment for tools describes no port`(comment: String) {
        let file = """
            export default { server: {
              // \(comment)
              port: 4602,
            } }
            """
        let files = [
            "package.json": #"{"name":"a","scripts":{"dev":"vite"}}"#, "vite.config.js": file,
        ]
        #expect(SmallProject.detect(files).processes.first?.sources.first?.description == nil)
        let described = file.replacing("// \(comment)", with: "// The shop's\n  // \(comment)")
        let sources = SmallProject.detect(
            files.merging(["vite.config.js": described]) { $1 }
        ).processes.first?.sources
        #expect(sources?.first?.description == "The shop's")
    }
}

/// A project whose files and folders are only in memory.
enum SmallProject {
    static func detect(_ files: [String: String]) -> DetectedProject {
        let project = ProjectFiles(
            read: { path in files[path].map { Array($0.utf8) } },
            list: { directory in
                let prefix = directory.isEmpty ? "" : directory + "/"
                let rest = files.keys.filter { $0.hasPrefix(prefix) }.map {
                    $0.dropFirst(prefix.count).split(separator: "/")
                }
                let names = Set(rest.compactMap(\.first)).sorted()
                return names.map { name in
                    let isDirectory = rest.contains { $0.first == name && $0.count > 1 }
                    return .init(name: String(name), isDirectory: isDirectory)
                }
            },
        )
        return ProjectDetection.detect(directory: "/app", files: project, home: "/home/me")
    }
}
