import HTTPTypes
import Hummingbird
import PortlessCore

/// The dashboard's frame, which its script fills.
enum DashboardPage {
    static let html = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Portless</title>
        <link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' \
        viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='6' fill='%232f7d6b'/%3E%3C/svg%3E">
        <style>
        :root { color-scheme: light dark; --line: #8883; --dim: #8a8f98; --accent: #2f7d6b;
          --good: #2e9e6b; --bad: #d0443e; --busy: #c98a1b; }
        * { box-sizing: border-box }
        body { margin: 0 auto; padding: 2.5rem 1.25rem; max-width: 62rem;
          font: 15px/1.5 system-ui, sans-serif }
        header { display: flex; align-items: baseline; gap: 1rem; margin-bottom: 1.5rem }
        h1 { margin: 0; font-size: 1.4rem; letter-spacing: -.01em }
        h2 { margin: 2.5rem 0 .5rem; font-size: .8rem; text-transform: uppercase;
          letter-spacing: .08em; color: var(--dim) }
        #live { margin-left: auto; color: var(--dim); font-size: .85rem }
        article { border: 1px solid var(--line); border-radius: .7rem; padding: .9rem 1.1rem;
          margin: .7rem 0 }
        article > div:first-child { display: flex; align-items: center; gap: .6rem; flex-wrap: wrap }
        article strong { font-size: 1.05rem }
        .state { font-size: .8rem; color: var(--dim) }
        .dot { width: .6rem; height: .6rem; border-radius: 50%; background: var(--dim); flex: none }
        .online { background: var(--good) }
        .errored, .crash-looping, .unknown { background: var(--bad) }
        .starting, .stopping { background: var(--busy) }
        .actions { margin-left: auto; display: flex; gap: .4rem }
        button { font: inherit; font-size: .85rem; padding: .15rem .7rem; border-radius: .5rem;
          border: 1px solid var(--line); background: none; color: inherit; cursor: pointer }
        button:hover { border-color: var(--accent); color: var(--accent) }
        table { width: 100%; border-collapse: collapse; margin-top: .5rem; font-size: .9rem }
        td, th { text-align: left; padding: .25rem .75rem .25rem 0; border-top: 1px solid var(--line);
          font-weight: normal; vertical-align: top }
        th { color: var(--dim); border-top: 0; font-size: .8rem }
        td.num { font-variant-numeric: tabular-nums }
        a { color: var(--accent); text-decoration: none }
        a:hover { text-decoration: underline }
        pre { margin: .6rem 0 0; padding: .7rem; max-height: 20rem; overflow: auto;
          border-radius: .5rem; background: #8881; font-size: .8rem; white-space: pre-wrap }
        .note { color: var(--dim) }
        .problem { color: var(--bad) }
        </style>
        </head>
        <body>
        <header><h1>Portless</h1><span id="where" class="note"></span><span id="live"></span></header>
        <p id="problem" class="problem" role="alert" hidden></p>
        <section id="apps" aria-label="Apps"><p class="note">Loading…</p></section>
        <details id="archived" hidden><summary class="note"></summary><div></div></details>
        <h2>Names</h2><div id="routes"></div>
        <h2>Ports</h2><div id="ports"></div>
        <script src="/dashboard.js" type="module"></script>
        </body>
        </html>

        """
}

/// Serves the page at `/`, which gets its data from the API.
struct DashboardRoutes {
    let policy: @Sendable () -> AccessPolicy

    /// Allows only the page's own style and script, and the API of the same origin.
    private static let contentSecurityPolicy =
        """
        default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'; \
        img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'
        """

    func add(to router: Router<APIContext>) {
        serve("/", DashboardPage.html, type: "text/html", on: router)
        serve("/dashboard.js", DashboardScript.text, type: "text/javascript", on: router)
    }

    private func serve(
        _ path: String,
        _ text: String,
        type: String,
        on router: Router<APIContext>,
    ) {
        router.on(RouterPath(path), method: .get) { request, _ -> Response in
            try policy().check(RequestFacts(request), for: .read)
            let body = ByteBuffer(string: text)
            return Response(
                status: .ok,
                headers: [
                    .contentType: "\(type); charset=utf-8",
                    .contentLength: String(body.readableBytes),
                    .contentSecurityPolicy: Self.contentSecurityPolicy,
                    .cacheControl: "no-cache",
                ],
                body: ResponseBody(byteBuffer: body),
            )
        }
    }
}
