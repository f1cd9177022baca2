import HostSystem
import Logging
import PortlessCore

/// The proxy's own answers: refusals, failures and redirects, for people and for programs.
struct Pages {
    let configuration: ProxyConfiguration

    func notFound(_ request: PageRequest, routes: [Route]) -> Page {
        // Only an answer for a name that can be ours lists the running apps: a foreign page that
        // was rebound to this address (DNS rebinding) learns nothing.
        let isOurs = configuration.topLevelNames.contains { name in
            request.host.lowercased() == name || request.host.lowercased().hasSuffix("." + name)
        }
        // Another computer learns of the apps that it may have.
        let open = routes.filter { route in
            !request.isRemote
                || configuration.remotePeers.admits(
                    authority: Array(route.hostname.description.utf8).span
                )
        }
        let links = isOurs ? open.map { link($0, request) } : []
        let suggestion = Self.appName(request.host, topLevelNames: configuration.topLevelNames)
        let host = request.host.lowercased()
        let siblings = open.filter { $0.hostname.description == host }
        guard siblings.isEmpty else {
            return page(
                404,
                request,
                detail: "No app of \(request.host) has this path: it has only "
                    + siblings.compactMap { $0.path?.prefix }.sorted().joined(separator: ", ")
                    + ".",
                sections: [
                    .links("Its apps", siblings.map { link($0, request) }, otherwise: nil),
                    .command(
                        "Start one for all other paths",
                        "portless \(suggestion) your-command",
                    ),
                ],
            )
        }
        let login = isOurs ? unknownLogin(request, routes: open) : nil
        return page(
            404,
            request,
            detail: "No app is registered for \(request.host).",
            sections: [login].compactMap(\.self) + [
                .links("Active apps", links, otherwise: isOurs ? "No apps running." : nil),
                .command("Start one under this name", "portless \(suggestion) your-command"),
            ],
        )
    }

    /// Sends the browser on to the worktree that has begun a login, with all that the provider sent.
    func relayed(_ request: PageRequest, to name: Hostname) -> Page {
        let port = request.authority.dropFirst(request.host.count)
        let scheme = request.isSecure ? "https" : "http"
        // 302 lets old clients turn any method into GET; 307 keeps method and body.
        let status = request.method == "GET" || request.method == "HEAD" ? 302 : 307
        return Page(
            status: status,
            fields: [
                ("location", "\(scheme)://\(name)\(port)\(request.path)"),
                ("cache-control", "no-store"),
            ],
        )
    }

    /// What arrived that looks like a provider's answer to a login, and where it may belong.
    private func unknownLogin(_ request: PageRequest, routes: [Route]) -> HTMLPage.Section? {
        let fields = QueryFields(target: request.path)
        guard fields["state"] != nil, fields["code"] ?? fields["error"] != nil,
            let host = Hostname(request.host)
        else { return nil }
        let worktrees = routes.filter { $0.worktree != nil && $0.path == nil }
        let own = worktrees.filter { $0.nameInMainCheckout == host }
        let links = (own.isEmpty ? worktrees : own).map { route in
            var link = link(route, request)
            link.url += request.path
            return link
        }
        return .links(
            "This is the answer to a login (it has a state), which no worktree has begun in the last "
                + "ten minutes as far as Portless could see. Go on in",
            links,
            otherwise: "It looks like the answer to a login, and no worktree runs.",
        )
    }

    /// A path that one server reads as that of one app, and another server as that of another one.
    func ambiguousPath(_ request: PageRequest) -> Page {
        page(
            400,
            request,
            detail: "This path can be read as one of two apps of \(request.host), so it was passed "
                + "on to none. Leave out \"..\", \"//\", \";\" and escapes.",
        )
    }

    /// What a command of the npm original asks of the proxy itself; nil for any other request.
    func hostsSync(_ request: PageRequest) -> Page? {
        guard let token = configuration.hostsSyncToken, !request.isRemote else { return nil }
        return HostsSyncProtocol(token: token).answer(request)
    }

    func loop(_ request: PageRequest, upstream: Route?) -> Page {
        let target =
            upstream.map { request.isSecure ? "https://\($0.hostname)" : "http://\($0.hostname)" }
            ?? "https://backend.\(configuration.topLevelNames[0])"
        return page(
            508,
            request,
            detail: "This request has passed through portless \(request.hops) times, so it goes "
                + "in a circle. A dev server that proxies to another app has to send that app's "
                + "name as Host:",
            sections: [
                .code(
                    """
                    proxy: {
                      "/api": {
                        target: "\(target)",
                        changeOrigin: true,
                      },
                    }
                    """
                )
            ],
        )
    }

    func failed(
        _ request: PageRequest,
        by upstream: Upstream,
        _ reason: UpstreamFailure,
    ) -> Page {
        let name = upstream.name
        let place = upstream.route?.placeText ?? "its socket"
        switch reason {
        case .booting:
            let state =
                upstream.start == nil
                ? "its process runs, but doesn't listen on \(place) yet"
                : "a request has started it"
            var page = page(
                503,
                request,
                detail: "\(name) is starting: \(state). This page reloads itself.",
                sections: [.reload],
            )
            page.fields.append(("retry-after", "1"))
            return page
        case .asleep:
            return page(
                503,
                request,
                detail: "\(name) doesn't run. It starts with the next visit.",
            )
        case .notStarted(let refusal): return notStarted(request, name, refusal)
        case .refused:
            return page(502, request, detail: refusal(upstream, place))
        case .notHTTP:
            return page(
                421,
                request,
                detail: "\(name) is a TCP name, such as a database's, so browsers can't show it. "
                    + "Clients reach it by TLS on port \(configuration.port), which leads to "
                    + "\(place).",
                sections: [
                    .command(
                        "PostgreSQL, for example",
                        "psql \"host=\(name) port=\(configuration.port) sslmode=require\"",
                    )
                ],
            )
        case .wrongListener(let stranger):
            let held = upstream.route?.port.map { "Port \($0)" } ?? "The socket"
            let remedy =
                upstream.route?.heldBy == nil
                ? "Stop that process, or start \(name) again to get another port."
                : "Stop that process: \(name) starts as soon as the port is free."
            return page(
                502,
                request,
                detail: "\(held) of \(name) is held by \(stranger), so the request "
                    + "was not passed on. \(remedy)",
            )
        case .unreachable(let words):
            return page(
                502,
                request,
                detail: "\(name) can't be reached on \(place): \(words).",
            )
        case .untrusted(let words, let tls):
            let name = tls.serverName ?? "the address 127.0.0.1"
            let remedy =
                tls.isInsecure
                ? "" : " Its certificate has to be valid for \(name); `--insecure` takes any."
            return page(
                502,
                request,
                detail: "\(upstream.name) has no TLS connection on \(place): \(words).\(remedy)",
            )
        case .stale, .closedBeforeAnswer:
            return page(
                502,
                request,
                detail: "\(name) closed the connection before it answered; it may have crashed.",
            )
        case .truncated:
            return page(502, request, detail: "\(name) broke off its answer.")
        case .malformed(let what):
            return page(
                502,
                request,
                detail: "What \(name) answered isn't valid HTTP (\(what)).",
            )
        }
    }

    /// Not 503, for which a page that waits would go on waiting.
    private func notStarted(
        _ request: PageRequest,
        _ name: String,
        _ refusal: StartRefusal,
    ) -> Page {
        let again = refusal.retryAfter.map { " Another request starts it again in \($0) s." }
        let lines = refusal.lines.map(\.visibleLine)
        var page = page(
            502,
            request,
            detail: "\(name) isn't started: \(refusal.detail)\(again ?? "")",
            sections: lines.isEmpty ? [] : [.code(lines.joined(separator: "\n"))],
        )
        if request.form == .text, !lines.isEmpty {
            page.body += Array(lines.map { "  \($0)\n" }.joined().utf8)
        }
        if let seconds = refusal.retryAfter {
            page.fields.append(("retry-after", String(seconds)))
        }
        return page
    }

    func refused(_ error: HeadError) -> Page {
        var page = Page(status: error.status)
        page.failure = "The request was refused: \(error.explanation)."
        page.body = Array("\(page.status) \(page.reason): \(error.explanation)\n".utf8)
        return page
    }

    func invalidHandshake() -> Page {
        let detail = "502 Bad Gateway: invalid response to the WebSocket handshake\n"
        return Page(
            status: 502,
            body: Array(detail.utf8),
            failure: "The app's answer to the WebSocket handshake is invalid.",
        )
    }

    func missingHost() -> Page {
        Page(
            status: 400,
            body: Array("Missing Host header".utf8),
            failure: "The request has no Host header.",
        )
    }

    /// Redirects a plain HTTP request for a name to HTTPS, on the port of the names.
    func redirect(_ request: PageRequest) -> Page {
        let host = request.host.isEmpty ? configuration.topLevelNames[0] : request.host
        let port = configuration.port == 443 ? "" : ":\(configuration.port)"
        // 302 lets old clients turn any method into GET; 307 keeps method and body.
        let status = request.method == "GET" || request.method == "HEAD" ? 302 : 307
        return Page(
            status: status,
            fields: [("location", "https://\(host)\(port)\(request.path)")],
        )
    }

    private func refusal(_ upstream: Upstream, _ place: String) -> String {
        if case .alias? = upstream.route?.owner {
            return "Nothing listens on \(place), which \(upstream.name) is an alias of."
        }
        return "\(upstream.name) is not responding on \(place); it may have crashed."
    }

    private func page(
        _ status: Int,
        _ request: PageRequest,
        detail: String,
        sections: [HTMLPage.Section] = [],
    ) -> Page {
        var page = Page(status: status)
        page.failure = detail
        switch request.form {
        case .html:
            page.contentType = "text/html; charset=utf-8"
            page.body = Array(
                HTMLPage(
                    status: status,
                    title: page.reason,
                    detail: detail,
                    sections: sections,
                ).rendered.utf8
            )
        case .json:
            page.contentType = "application/problem+json"
            let members = [
                #""title":"\#(page.reason)""#,
                #""status":\#(status)"#,
                #""detail":"\#(JSONText.escape(detail))""#,
            ]
            page.body = Array("{\(members.joined(separator: ","))}\n".utf8)
        case .text: page.body = Array("\(status) \(page.reason): \(detail)\n".utf8)
        }
        page.fields.append(("cache-control", "no-store"))
        return page
    }

    private func link(_ route: Route, _ request: PageRequest) -> HTMLPage.Link {
        let isDefault = configuration.port == (request.isSecure ? 443 : 80)
        let port = isDefault ? "" : ":\(configuration.port)"
        let path = route.path?.prefix ?? ""
        return HTMLPage.Link(
            url: "\(request.isSecure ? "https" : "http")://\(route.hostname)\(port)\(path)",
            text: route.hostname.description + path,
            note: route.target(host: "127.0.0.1"),
        )
    }

    /// The host without its longest configured top-level name: the argument for `portless`.
    static func appName(_ host: String, topLevelNames: [String]) -> String {
        let suffix =
            topLevelNames
            .map { "." + $0 }
            .filter { host.lowercased().hasSuffix($0) }
            .max { $0.count < $1.count }
        let name = host.dropLast(suffix?.count ?? 0)
        return name.isEmpty ? "myapp" : String(name)
    }
}

private enum JSONText {
    /// Escapes text for the inside of a JSON string (RFC 8259 section 7).
    static func escape(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": escaped += "\\\""
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case let control where control.value < 0x20:
                let hex = String(control.value, radix: 16)
                escaped += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
