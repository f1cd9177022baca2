import Foundation
import Testing

extension EndToEnd {
    /// One registered OAuth callback for many git worktrees.
    @Suite struct RelayTests {}
}

extension EndToEnd.RelayTests {
    /// An app with a login: `/login` begins one, `/callback` accepts only a state that it has given.
    private static let app = """
        const { PORT, CALLBACK, PROVIDER, MODE, WHO } = process.env
        const states = new Set()
        require('http').createServer((request, answer) => {
          const url = new URL(request.url, 'http://x')
          let body = ''
          request.on('data', (part) => body += part)
          request.on('end', () => {
            if (url.pathname === '/login') {
              const state = `${WHO}/${Math.random()}+&=`
              states.add(state)
              const query = new URLSearchParams({ redirect_uri: CALLBACK, state,
                response_type: 'code', response_mode: MODE || 'query' })
              answer.writeHead(302, { location: `${PROVIDER}/authorize?${query}` })
              return answer.end()
            }
            const fields = url.searchParams.get('state') ? url.searchParams : new URLSearchParams(body)
            const known = states.has(fields.get('state'))
            answer.end(`${WHO} ${request.method} ${url.pathname} ${fields.get('code')} ${known}`)
          })
        }).listen(PORT, '127.0.0.1')
        """

    /// A provider that knows one callback, and answers by a redirect or by a form.
    private static let provider = """
        import html, os
        from flask import Flask, redirect, request
        from urllib.parse import urlencode

        app = Flask(__name__)

        @app.get("/authorize")
        def authorize():
            to = request.args["redirect_uri"]
            if to != os.environ["CALLBACK"]:
                return "redirect_uri_mismatch", 400
            answer = {"code": "c0de", "state": request.args["state"]}
            if request.args["response_mode"] != "form_post":
                return redirect(to + "?" + urlencode(answer))
            return urlencode(answer)

        app.run(port=int(os.environ["PORT"]))
        """

    private func git(_ sandbox: Sandbox, _ arguments: String...) async throws {
        let git = ["git", "-c", "user.name=t", "-c", "user.email=t@t"]
        let result = try await sandbox.start(git + arguments).finished()
        try #require(result.status == 0, "\(result.talk)")
    }

    @Test func `a login ends in the worktree that has begun it`() async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write(Self.app, to: "app.js")
            try sandbox.write(Self.provider, to: "provider.py")
            try sandbox.write(#"{"name": "shop"}"#, to: "portless.json")
            try await git(sandbox, "init", "-q", "-b", "main")
            try await git(sandbox, "add", ".")
            try await git(sandbox, "commit", "-qm", "x")
            let port = try FreePort.next()
            let shop = sandbox.url("shop")
            let environment = [
                "CALLBACK": "\(shop)/callback", "PROVIDER": "http://127.0.0.1:\(port)",
            ]
            _ = try sandbox.start(
                ["python3", "provider.py"],
                environment: environment.merging(["PORT": "\(port)"]) { $1 },
            )
            for name in ["feat", "fix"] {
                try await git(sandbox, "worktree", "add", "-q", "-b", name, "../\(name)")
                _ = try sandbox.startPortless(
                    "run",
                    "node",
                    "app.js",
                    environment: environment.merging([
                        "WHO": name, "MODE": name == "fix" ? "form_post" : "query",
                    ]) { $1 },
                    directory: sandbox.root.appending(path: name),
                )
                _ = try await sandbox.answer(sandbox.url("\(name).shop"))
            }
            try await eventually("the provider listens") {
                let answer = try? await sandbox.curl("http://127.0.0.1:\(port)/authorize")
                return answer?.status == 400 ? () : nil
            }

            // Without the main checkout's app, then with it.
            for hasMain in [false, true] {
                if hasMain {
                    _ = try sandbox.startPortless(
                        "run",
                        "node",
                        "app.js",
                        environment: environment.merging(["WHO": "main"]) { $1 },
                    )
                    _ = try await sandbox.answer(shop)
                    let own = try await sandbox.curl("\(shop)/login", "-L")
                    #expect(own.body == "main GET /callback c0de true")
                }
                let code = try await sandbox.curl("\(sandbox.url("feat.shop"))/login", "-L")
                #expect(code.body == "feat GET /callback c0de true")
                let form = try await sandbox.curl("\(sandbox.url("fix.shop"))/login", "-L")
                #expect(form.body.hasPrefix("code=c0de&state=fix"))
                let posted = try await sandbox.curl("\(shop)/callback", "-L", "--data", form.body)
                #expect(posted.body == "fix POST /callback c0de true")
            }
            let foreign = try await sandbox.curl(
                "\(shop)/callback?code=1&state=https://evil.example"
            )
            #expect(foreign.body == "main GET /callback 1 false")
        }
    }

    @Test func `an answer of which nothing is known gets a page with the worktrees`() async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write(Self.app, to: "app.js")
            try sandbox.write(#"{"name": "shop"}"#, to: "portless.json")
            let run = try sandbox.startPortless(
                "run",
                "--prefix",
                "feat",
                "node",
                "app.js",
                environment: ["WHO": "feat"],
            )
            _ = try await sandbox.answer(sandbox.url("feat.shop"))
            let page = try await sandbox.curl(
                "\(sandbox.url("shop"))/cb?code=1&state=%22%3E%3Cb",
                "-H",
                "accept: text/html",
            )
            #expect(page.status == 404)
            #expect(page.body.contains("the answer to a login"))
            let link = "\(sandbox.url("feat.shop"))/cb?code=1&amp;state=%22%3E%3Cb"
            #expect(page.body.contains("href=\"\(link)\""))
            run.send(SIGINT)
            _ = try await run.finished()
        }
    }
}
