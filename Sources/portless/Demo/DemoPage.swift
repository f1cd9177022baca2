/// The demo's only page: small, self-contained, and true for the request that it answers.
enum DemoPage {
    /// A fetch of the page looks for this to know that it met the demo, not some other app.
    static let marker = "portless-demo"

    static func html(_ facts: DemoFacts) -> String {
        let rows =
            row("Name", facts.host, note: "what you typed; it resolves to this machine")
            + row(
                "Proxy",
                "port \(facts.publicPort)",
                note: facts.scheme == "https" ? "TLS ends here" : "plain HTTP",
            )
            + row("App", "port \(facts.appPort)", note: "process \(facts.processID), told by PORT")
            + row(
                "Protocol",
                facts.scheme == "https" ? "HTTPS" : "HTTP",
                note: "\(facts.method), from \(facts.client)",
                id: "protocol",
            )
            + certificateRow(facts)
            + row("Hops", facts.hops, note: "of 4 at most; more would be a loop")
        return """
            <!doctype html>
            <html lang="en" data-app="\(marker)">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(escape(facts.host)) · portless</title>
            <link rel="icon" href="data:,">
            <style>\(style)</style>
            </head>
            <body>
            <main>
            <p class="kicker">It works</p>
            <h1>\(escape(facts.scheme))://<b>\(escape(facts.host))</b></h1>
            <ol class="path">
            <li>browser</li><li>proxy <i>:\(escape(facts.publicPort))</i></li>
            <li>app <i>:\(escape(facts.appPort))</i></li>
            </ol>
            <dl>
            \(rows)
            </dl>
            <p class="next">Your turn: <code>portless myapp npm run dev</code></p>
            </main>
            <script>\(script)</script>
            </body>
            </html>

            """
    }

    private static func certificateRow(_ facts: DemoFacts) -> String {
        guard facts.scheme == "https", let authority = facts.authority else { return "" }
        return row(
            "Certificate",
            "for \(facts.host)",
            note: "signed by \(authority.name), SHA-256 \(authority.fingerprint.prefix(16))…",
        )
    }

    private static func row(
        _ term: String,
        _ value: String,
        note: String,
        id: String? = nil,
    ) -> String {
        """
        <div><dt>\(escape(term))</dt><dd\(id.map { " id=\"\($0)\"" } ?? "")>\
        <b>\(escape(value))</b> <span>\(escape(note))</span></dd></div>

        """
    }

    static func escape(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.append(character)
            }
        }
        return escaped
    }

    /// The app never sees what browser and proxy agreed on; the browser knows.
    private static let script = """
        const hop=performance.getEntriesByType('navigation')[0]?.nextHopProtocol;\
        const names={h2:'HTTP/2','http/1.1':'HTTP/1.1',h3:'HTTP/3'};\
        if(names[hop])document.querySelector('#protocol b').textContent=\
        names[hop]+(location.protocol==='https:'?' over TLS':'');
        """

    private static let style = """
        :root{color-scheme:light dark;--ink:#17181c;--soft:#6b6f7a;--paper:#fbfaf7;--line:#e4e1d8;\
        --mark:#0b6e4f}
        @media (prefers-color-scheme:dark){:root{--ink:#f1efe9;--soft:#9b9fa9;--paper:#131417;\
        --line:#2b2d33;--mark:#5fd6a8}}
        *{box-sizing:border-box;margin:0}
        body{min-height:100vh;display:grid;place-items:center;padding:2rem;background:var(--paper);\
        color:var(--ink);font:16px/1.5 ui-sans-serif,system-ui,sans-serif}
        main{width:min(42rem,100%)}
        .kicker{color:var(--mark);font-weight:600;letter-spacing:.02em}
        h1{font:400 clamp(1.6rem,6vw,3rem)/1.15 ui-monospace,monospace;overflow-wrap:anywhere;\
        color:var(--soft)}
        h1 b{color:var(--ink);font-weight:600}
        .path{display:flex;flex-wrap:wrap;list-style:none;padding:0;margin:1.75rem 0;gap:.6rem 2.4rem}
        .path li{position:relative;padding:.45rem .9rem;border:1px solid var(--line);\
        border-radius:.5rem}
        .path li+li::before{content:"→";position:absolute;left:-1.75rem;color:var(--mark)}
        .path i{font-style:normal;font-family:ui-monospace,monospace;color:var(--mark)}
        dl{border-top:1px solid var(--line)}
        dl div{display:grid;grid-template-columns:8rem 1fr;padding:.6rem 0;\
        border-bottom:1px solid var(--line)}
        dt{color:var(--soft)}
        dd b{font-weight:600}
        dd span{color:var(--soft)}
        .next{margin-top:1.75rem;color:var(--soft)}
        code{font:inherit;font-family:ui-monospace,monospace;color:var(--ink)}
        @media (max-width:32rem){dl div{grid-template-columns:1fr}}
        """
}

/// What the demo page tells about the request that asked for it.
struct DemoFacts: Equatable, Sendable {
    /// The name in the address bar.
    var host: String
    var scheme: String
    /// The port that the browser talked to, and the one that the app listens on.
    var publicPort: String
    var appPort: String
    var method: String
    /// How many proxies of ours the request has passed.
    var hops: String
    var client: String
    var processID: Int32
    var authority: DemoAuthority?

    /// `field` gives a header field of the request by its lower-case name.
    init(
        method: String,
        appPort: String,
        processID: Int32,
        authority: DemoAuthority?,
        field: (String) -> String?,
    ) {
        let authorityText = field("x-forwarded-host") ?? field("host") ?? "unknown"
        host = authorityText.split(separator: ":").first.map(String.init) ?? authorityText
        scheme = field("x-forwarded-proto") ?? "http"
        publicPort = field("x-forwarded-port") ?? appPort
        self.appPort = appPort
        self.method = method
        hops = field("x-portless-hops") ?? "0"
        client = field("x-forwarded-for") ?? "directly"
        self.processID = processID
        self.authority = authority
    }
}

/// Who signed the demo's certificate, as the command that started it knows.
struct DemoAuthority: Equatable, Sendable {
    private static let nameVariable = "PORTLESS_DEMO_CA"
    private static let fingerprintVariable = "PORTLESS_DEMO_CA_SHA256"

    var name: String
    var fingerprint: String

    init(name: String, fingerprint: String) {
        self.name = name
        self.fingerprint = fingerprint
    }

    init?(environment: [String: String]) {
        guard let name = environment[Self.nameVariable],
            let fingerprint = environment[Self.fingerprintVariable]
        else { return nil }
        self.init(name: name, fingerprint: fingerprint)
    }

    var environment: [String: String] {
        [Self.nameVariable: name, Self.fingerprintVariable: fingerprint]
    }
}
