import Foundation
import Testing

extension EndToEnd {
    /// Whole projects as people clone them, from one command to their pages.
    @Suite struct WholeProjectTests {}
}

extension EndToEnd.WholeProjectTests {
    /// A folder of `Projects`, and what its user types after `portless`.
    struct Project: Sendable, CustomStringConvertible {
        let folder: String
        let command: [String]
        /// A phrase of the page of each name.
        let pages: [String: String]
        /// What `portless ports check` says.
        var findings = ""

        var description: String { "\(folder): portless \(command.joined(separator: " "))" }
    }

    static let projects = [
        Project(
            folder: "django-notes",
            command: ["run", "python3", "manage.py", "runserver"],
            pages: ["django-notes": "<li>Water the plants</li>"],
        ),
        Project(
            folder: "django-shop",
            command: [],
            pages: ["django-shop": "<p>secure at django-shop.localhost"],
        ),
        Project(
            folder: "flask-guestbook",
            command: ["run", "flask", "--app", "guestbook", "run", "--debug"],
            pages: ["flask-guestbook": "<p>So was Grace</p>"],
        ),
        Project(
            folder: "flask-weather",
            command: ["up"],
            pages: ["flask-weather": "<p>Sunny at flask-weather.localhost"],
        ),
        Project(
            folder: "fastapi-quotes",
            command: ["run", "uvicorn", "main:app", "--reload"],
            pages: ["fastapi-quotes": "<blockquote>Simple is better than complex."],
        ),
        Project(
            folder: "fastapi-tasks",
            command: ["up"],
            pages: ["tasks": "<p>3 open at tasks.localhost"],
        ),
        Project(
            folder: "express-blog",
            command: [],
            pages: ["express-blog": "<p>Written at express-blog.localhost"],
        ),
        Project(
            folder: "express-todo",
            command: ["up"],
            pages: ["todo": "<p>https://todo.localhost</p>"],
        ),
        Project(
            folder: "rails-recipes",
            command: ["run", "bin/rails", "server"],
            pages: ["rails-recipes": "<p>https://rails-recipes.localhost"],
        ),
        Project(
            folder: "rails-helpdesk",
            command: ["up"],
            pages: ["rails-helpdesk": "<p>2 tickets at rails-helpdesk.localhost</p>"],
        ),
        Project(
            folder: "workspace-acme",
            command: [],
            pages: [
                "acme": "<a href=\"https://api.acme.localhost:", "api.acme/greeting": "Hello, web!",
            ],
        ),
        Project(
            folder: "workspace-chat",
            command: ["up"],
            pages: ["chat": "<h1>Chat</h1>", "server.chat": "2 people are here"],
        ),
        Project(
            folder: "procfile-feeds",
            command: ["up"],
            pages: ["feeds": "<p>schema 7: News</p>"],
        ),
        Project(
            folder: "procfile-polls",
            command: ["up"],
            pages: ["procfile-polls": "<h1>Best of all polls</h1><ul><li>Tabs or spaces?"],
        ),
        Project(
            folder: "ecosystem-mail",
            command: ["up"],
            pages: ["mail": "<p>development on 3447</p>", "api.mail": "\"inbox\""],
        ),
        Project(
            folder: "ecosystem-radar",
            command: ["up"],
            pages: ["radar": "<h1>Radar ui</h1><p>40 km</p>", "api.radar": "<h1>Radar api</h1>"],
        ),
    ]

    /// A clone of a project beside the sandbox's own, as its user has it.
    private func clone(_ folder: String, _ sandbox: Sandbox) async throws -> URL {
        let script = """
            cp -R "$0/$1" origin && cd origin && git init -q -b main && git add -A -f
            git -c user.name=x -c user.email=x@example.com commit -q -m "Begin" && cd ..
            git clone -q origin "$1" && rm -rf origin
            """
        let projects = Apps.folder + "/../Projects"
        try await sandbox.run("sh", "-c", script, projects, folder)
        return sandbox.project.appending(path: folder)
    }

    @Test(arguments: projects)
    func `a clone is one command away from its pages`(project: Project) async throws {
        try await Sandbox.with { sandbox in
            let clone = try await clone(project.folder, sandbox)
            let check = try await sandbox.portless("ports", "check", directory: clone)
            #expect(check.output == project.findings)
            let run = try sandbox.start([Binary.path] + project.command, directory: clone)
            if project.command == ["up"] {
                let up = try await run.finished()
                #expect(up.status == 0, "\(up.talk)")
            }
            for (name, phrase) in project.pages {
                let parts = name.split(separator: "/", maxSplits: 1)
                let url = sandbox.url(String(parts[0])) + "/" + parts.dropFirst().joined()
                let page = try await sandbox.answer(url)
                #expect(page.contains(phrase), "\(page)\n\(run.talk)")
            }
        }
    }

    @Test func `without declared ports, detect names the processes`() async throws {
        try await Sandbox.with { sandbox in
            let clone = try await clone("procfile-feeds", sandbox)
            let detect = try await sandbox.portless("ports", "detect", directory: clone)
            #expect(detect.status == 0)
            #expect(detect.output == "")
            #expect(detect.talk.hasPrefix("No ports are declared in "))
            #expect(detect.talk.hasSuffix("Its processes: release, web, worker.\n"))
        }
    }

    @Test func `a browser that trusts us shows one app's page with what another answers`()
        async throws
    {
        try await Sandbox.withMachine { sandbox, _, _ in
            let database = sandbox.root.appending(path: "home/.pki/nssdb").path()
            let clone = try await clone("workspace-chat", sandbox)
            let up = try await sandbox.portless("up", directory: clone)
            #expect(up.status == 0, "\(up.talk)")
            let trust = try await sandbox.portless(
                "trust",
                environment: ["PORTLESS_TRUST_NSS": database],
            )
            #expect(trust.status == 0, "\(trust.talk)")
            try await sandbox.answer(sandbox.url("server.chat") + "/")
            let page = try await sandbox.run(
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--no-proxy-server",
                "--virtual-time-budget=10000",
                "--dump-dom",
                sandbox.url("chat") + "/",
            )
            #expect(page.contains("<p id=\"status\">2 people are here</p>"), "\(page)")
        }
    }
}
