/// A small self-contained page for a browser, in its light or dark scheme.
struct HTMLPage {
    struct Link {
        var url: String
        let text: String
        let note: String
    }

    enum Section {
        case links(String, [Link], otherwise: String?)
        case command(String, String)
        case code(String)
        /// Reloads once the app answers, without flicker.
        case reload
    }

    let status: Int
    let title: String
    let detail: String
    let sections: [Section]

    var rendered: String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(status) - \(Self.escape(title))</title>
        <style>\(Self.style)</style>
        </head>
        <body>
        <main>
        <p class="code">\(status)</p>
        <h1>\(Self.escape(title))</h1>
        <p>\(Self.escape(detail))</p>
        \(sections.map(Self.render).joined(separator: "\n"))
        <footer>portless</footer>
        </main>
        </body>
        </html>

        """
    }

    private static func render(_ section: Section) -> String {
        switch section {
        case .links(let heading, let links, let otherwise):
            guard !links.isEmpty else { return otherwise.map { "<p>\(escape($0))</p>" } ?? "" }
            let items = links.map { link in
                """
                <li><a href="\(escape(link.url))">\(escape(link.text))</a> \
                <span>\(escape(link.note))</span></li>
                """
            }
            return "<h2>\(escape(heading))</h2>\n<ul>\n\(items.joined(separator: "\n"))\n</ul>"
        case .command(let heading, let command):
            return "<h2>\(escape(heading))</h2>\n<pre>\(escape(command))</pre>"
        case .code(let code): return "<pre>\(escape(code))</pre>"
        case .reload: return "<script>\(reloadScript)</script>"
        }
    }

    /// Escapes text for elements and quoted attributes.
    static func escape(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }

    /// Sends a request that accepts JSON, which waits at the proxy until the app listens, then
    /// reloads.
    private static let reloadScript = """
        (async () => {
          for (;;) {
            try {
              const answer = await fetch(location.href, {
                headers: { accept: "application/json" }, cache: "no-store" });
              if (answer.status !== 503) break;
            } catch {}
            await new Promise((resolve) => setTimeout(resolve, 500));
          }
          location.reload();
        })();
        """

    private static let style = """
        :root { color-scheme: light dark; --ink: #1a1a1f; --paper: #fbfbfa; --faint: #73737c; \
        --line: #e2e2df; --accent: #2f5fd0; }
        @media (prefers-color-scheme: dark) { :root { --ink: #ececef; --paper: #151518; \
        --faint: #93939d; --line: #2d2d33; --accent: #8fb0ff; } }
        body { margin: 0; background: var(--paper); color: var(--ink); \
        font: 16px/1.55 system-ui, sans-serif; }
        main { max-width: 40rem; margin: 0 auto; padding: 12vh 1.5rem 2rem; }
        .code { font: 600 4.5rem/1 ui-monospace, monospace; margin: 0; color: var(--faint); }
        h1 { margin: .3em 0 .6em; font-size: 1.6rem; }
        h2 { margin: 2em 0 .4em; font-size: .85rem; color: var(--faint); font-weight: 600; }
        ul { list-style: none; padding: 0; margin: 0; border-top: 1px solid var(--line); }
        li { display: flex; justify-content: space-between; gap: 1rem; padding: .5rem 0; \
        border-bottom: 1px solid var(--line); }
        li span, footer { color: var(--faint); font: .85rem ui-monospace, monospace; }
        a { color: var(--accent); text-decoration: none; } a:hover { text-decoration: underline; }
        pre { background: color-mix(in srgb, var(--ink) 6%, transparent); padding: .8rem 1rem; \
        border-radius: 6px; overflow-x: auto; font: .9rem/1.5 ui-monospace, monospace; }
        footer { margin-top: 3rem; }
        """
}
